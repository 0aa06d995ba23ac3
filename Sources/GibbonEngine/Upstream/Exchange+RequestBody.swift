// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// The request's body on its way to the service: streamed as it arrives, never held whole, except for a
/// plugin that reads it.
extension Exchange {
  /// Whether body bytes can be taken now.
  var takesBody: Bool {
    switch self.step {
    case .buffering: !self.isBufferingOver
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
    if self.step == .buffering { return self.buffer(bytes) }
    guard let upstream = self.upstream else { return }
    guard case .chunked = self.requestBody.framing else {
      self.remember(bytes)
      return upstream.write(bytes)
    }
    var chunk = self.loop.takeBuffer()
    chunk.appendChunkHeader(count: bytes.count)
    chunk.append(bytes)
    chunk.appendChunkEnd()
    self.remember(chunk.span)
    upstream.write(chunk.span)
    self.loop.recycle(chunk)
  }

  /// Keeps what was sent, for another try, as long as it is little.
  private func remember(_ bytes: Span<UInt8>) {
    guard self.isReplayable else { return }
    if self.replay.count &+ bytes.count > self.worker.upstreamSettings.replayBytes {
      self.isReplayable = false
      self.replay = ByteBuffer()
    } else {
      self.keepForReplay(bytes)
    }
  }

  private func bodyComplete() {
    if self.step == .buffering {
      self.isBufferingOver = true
      return
    }
    guard self.step == .proxying, !self.isRequestSent else { return }
    self.isRequestSent = true
    if case .chunked = self.requestBody.framing {
      var last = self.loop.takeBuffer()
      last.appendLastChunk(trailers: self.requestBody.trailers)
      self.remember(last.span)
      self.upstream?.write(last.span)
      self.loop.recycle(last)
    }
    self.setUpstreamTimeout()
  }

  // MARK: For plugins that read bodies

  func beginBuffering() {
    self.step = .buffering
    self.hasTraces = true
    self.bufferedBody = ByteBuffer()
    self.inviteBody()
    self.downstream?.resumeBody()
  }

  private func buffer(_ bytes: Span<UInt8>) {
    var held: ByteBuffer?
    swap(&held, &self.bufferedBody)
    guard var body = held.take() else { return }
    body.append(bytes)
    guard body.count > self.worker.downstreamSettings.bodyBufferBytes else { return self.bufferedBody = body }
    // Too large for a plugin to see. What was read is sent on first, then the rest streams.
    self.bufferedPrefix = body
    self.isBufferingOver = true
  }

  /// Goes on to `access`, once the connection has stopped handing body bytes in.
  func continueAfterBuffering() {
    guard self.step == .buffering, self.isBufferingOver else { return }
    self.step = .access
    self.cursor = 0
    self.runAccess()
  }

  /// `Expect: 100-continue`: somebody wants the body now.
  func inviteBody() {
    guard self.head.expectsContinue, !self.isBodyInvited, !self.requestBody.isComplete else { return }
    self.isBodyInvited = true
    self.downstream?.sendContinue()
  }

  /// The body a plugin has read (and perhaps changed), or the part of a larger one that was read before.
  func appendBufferedBody(to output: inout ByteBuffer) {
    if let body = self.bufferedBody {
      output.append(body.span)
      return
    }
    guard !self.bufferedPrefix.isEmpty else { return }
    let prefix = self.bufferedPrefix
    if case .chunked = self.requestBody.framing {
      output.appendChunkHeader(count: prefix.count)
      output.append(prefix.span)
      output.appendChunkEnd()
    } else {
      output.append(prefix.span)
    }
  }
}
