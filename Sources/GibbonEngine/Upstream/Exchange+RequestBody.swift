// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// The request's body on its way to the service: streamed as it arrives, once what is held back of it was sent
/// (`Exchange+HeldBody`).
extension Exchange {
  /// Whether body bytes can be taken now.
  var takesBody: Bool {
    switch self.step {
    case .buffering, .holding: !self.isBufferingOver
    case .proxying: self.upstream.map { !$0.isBlocked } ?? false
    default: false
    }
  }

  /// Takes body bytes of `input` from `offset` on; returns where it stopped.
  ///
  /// An answer may end the exchange in the middle, and the object then belongs to another request: nothing
  /// of it is touched once the generation has changed.
  func receiveBody(_ input: Span<UInt8>, from offset: Int) -> Int {
    var offset = offset
    let generation = self.generation
    while !self.requestBody.isComplete {
      guard self.takesBody else { return offset }
      switch self.nextOfRequest(input, from: offset) {
      case .data(let range):
        self.receivedFramedBytes &+= UInt64(range.upperBound &- offset)
        offset = range.upperBound
        guard self.countBody(range.count) else { return input.count }
        self.take(input.extracting(range))
        guard self.generation == generation else { return offset }
      case .end(let end):
        self.receivedFramedBytes &+= UInt64(end &- offset)
        offset = end
        // Trailers go on to the service like the body, so that they count like it.
        guard self.countBody(self.requestBody.trailerBytes) else { return input.count }
      case .needMoreData:
        self.receivedFramedBytes &+= UInt64(input.count &- offset)
        self.downstream?.setTimeout(milliseconds: self.worker.downstreamSettings.bodyTimeout)
        return input.count
      case .failed(let error):
        self.log(.info, "client sent \(error.reason) while reading the body")
        self.fail(.malformed(error))
        return input.count
      }
    }
    self.bodyComplete()
    return offset
  }

  /// A chunked body's length is known only while it is read.
  private func countBody(_ count: Int) -> Bool {
    self.receivedBodyBytes &+= UInt64(count)
    let general = self.worker.downstreamSettings.maxBodyBytes
    let limit = min(general > 0 ? general : .max, self.bodyLimit)
    guard self.receivedBodyBytes > limit else { return true }
    self.log(.error, "client intended to send too large chunked body: over \(limit) bytes")
    self.releaseUpstream(reusable: false)
    self.fail(limit == self.bodyLimit ? .bodyLimitExceeded : .payloadTooLarge)
    return false
  }

  private func take(_ bytes: Span<UInt8>) {
    switch self.step {
    case .buffering: self.hold(bytes, upTo: self.worker.downstreamSettings.bodyBufferBytes)
    case .holding: self.hold(bytes, upTo: self.worker.downstreamSettings.requestBufferBytes)
    default: self.sendOn(bytes)
    }
  }

  private func sendOn(_ bytes: Span<UInt8>) {
    guard let upstream = self.upstream else { return }
    self.keepForRetry(bytes)
    guard case .chunked = self.requestBody.framing else { return upstream.write(bytes) }
    var chunk = self.loop.takeBuffer()
    chunk.appendChunkHeader(count: bytes.count)
    chunk.append(bytes)
    chunk.appendChunkEnd()
    upstream.write(chunk.span)
    self.loop.recycle(chunk)
  }

  /// Keeps what is sent, for another try, as long as it is little.
  private func keepForRetry(_ bytes: Span<UInt8>) {
    guard self.isBodyKept else { return }
    if self.keptBody.count &+ bytes.count > self.worker.upstreamSettings.replayBytes {
      self.isBodyKept = false
      self.keptBody = ByteBuffer()
    } else {
      self.keepOfBody(bytes)
    }
  }

  private func bodyComplete() {
    if self.step == .buffering || self.step == .holding {
      self.isBufferingOver = true
      return
    }
    guard self.step == .proxying, !self.isRequestSent else { return }
    self.isRequestSent = true
    if case .chunked = self.requestBody.framing {
      var last = self.loop.takeBuffer()
      last.appendLastChunk(trailers: self.requestBody.trailers)
      self.upstream?.write(last.span)
      self.loop.recycle(last)
    }
    self.setUpstreamTimeout()
  }
}
