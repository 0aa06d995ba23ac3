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
    case .buffering: true
    case .proxying: self.upstream.map { !$0.isBlocked } ?? false
    default: false
    }
  }

  /// Takes body bytes of `input` from `offset` on; returns where it stopped.
  func receiveBody(_ input: Span<UInt8>, from offset: Int) -> Int {
    var offset = offset
    while !self.requestBody.isComplete {
      switch self.requestBody.next(input, from: offset) {
      case .data(let range):
        offset = range.upperBound
        guard self.countBody(range.count) else { return input.count }
        self.take(input.extracting(range))
      case .end(let end):
        offset = end
      case .needMoreData:
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
    let limit = self.worker.downstreamSettings.maxBodyBytes
    guard limit > 0, self.receivedBodyBytes > limit else { return true }
    self.log(.error, "client intended to send too large chunked body: over \(limit) bytes")
    self.releaseUpstream(reusable: false)
    self.fail(.payloadTooLarge)
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
      self.replay.append(bytes)
    }
  }

  private func bodyComplete() {
    if self.step == .buffering { return self.endBuffering() }
    guard !self.isRequestSent else { return }
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
    self.downstream?.resumeBody()
  }

  private func buffer(_ bytes: Span<UInt8>) {
    self.bufferedBody?.append(bytes)
    guard let count = self.bufferedBody?.count, count > self.worker.downstreamSettings.bodyBufferBytes else { return }
    // Too large for a plugin to see. What was read is sent on first, then the rest streams.
    self.bufferedPrefix = self.bufferedBody ?? ByteBuffer()
    self.bufferedBody = nil
    self.step = .access
    self.cursor = 0
    self.runAccess()
  }

  private func endBuffering() {
    self.step = .access
    self.cursor = 0
    self.runAccess()
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
