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
    case .buffering, .holding: !self.requestFlow.isBufferingOver
    case .proxying, .tunnel: self.service.isPresent && !self.service.isBlocked
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
    while !self.requestFlow.body.isComplete {
      guard self.takesBody else { return offset }
      switch self.requestFlow.next(input, from: offset) {
      case .data(let range):
        self.requestFlow.receivedFramedBytes &+= UInt64(range.upperBound &- offset)
        offset = range.upperBound
        guard self.countBody(range.count) else { return input.count }
        self.take(input.extracting(range))
        guard self.generation == generation else { return offset }
      case .end(let end):
        self.requestFlow.receivedFramedBytes &+= UInt64(end &- offset)
        offset = end
        // Trailers go on to the service like the body, so that they count like it.
        guard self.countBody(self.requestFlow.body.trailerBytes) else { return input.count }
      case .needMoreData:
        self.requestFlow.receivedFramedBytes &+= UInt64(input.count &- offset)
        self.client.startTimer(self.worker.downstreamSettings.bodyTimeout)
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
  func countBody(_ count: Int) -> Bool {
    guard count > 0 else { return true }
    self.requestFlow.receivedBytes &+= UInt64(count)
    let general = self.worker.downstreamSettings.maxBodyBytes
    let limit = min(general > 0 ? general : .max, self.requestFlow.limit)
    guard self.requestFlow.receivedBytes > limit else { return true }
    self.log(.error, "client intended to send too large chunked body: over \(limit) bytes")
    self.releaseUpstream(reusable: false)
    self.fail(limit == self.requestFlow.limit ? .bodyLimitExceeded : .payloadTooLarge)
    return false
  }

  private func take(_ bytes: Span<UInt8>) {
    switch self.step {
    case .buffering: self.hold(bytes, upTo: self.worker.downstreamSettings.bodyBufferBytes)
    case .holding: self.hold(bytes, upTo: self.worker.downstreamSettings.requestBufferBytes)
    case .tunnel: self.tunnel(fromClient: bytes)
    default: self.sendOn(bytes)
    }
  }

  private func sendOn(_ bytes: Span<UInt8>) {
    self.keepForRetry(bytes)
    self.service.sendBody(bytes, isChunked: self.requestFlow.body.framing == .chunked, self.loop)
    // Over HTTP/2 it is the window that may be closed, without a word of the socket's.
    if case .http2 = self.service, self.service.isBlocked { self.setUpstreamTimeout() }
  }

  /// Keeps what is sent, for another try, as long as it is little.
  private func keepForRetry(_ bytes: Span<UInt8>) {
    guard self.requestFlow.isKept else { return }
    if self.requestFlow.kept.count &+ bytes.count > self.worker.upstreamSettings.replayBytes {
      self.requestFlow.isKept = false
      self.requestFlow.kept = ByteBuffer()
    } else {
      self.requestFlow.keep(bytes)
    }
  }

  func bodyComplete() {
    if self.step == .tunnel { return self.tunnelClientEnded() }
    if self.step == .buffering || self.step == .holding {
      self.requestFlow.isBufferingOver = true
      return
    }
    guard self.step == .proxying, !self.requestFlow.isSent else { return }
    self.requestFlow.isSent = true
    self.service.sendEnd(
      isChunked: self.requestFlow.body.framing == .chunked, self.requestFlow.body.trailers, self.loop)
    self.setUpstreamTimeout()
  }
}
