// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// The response's body on its way to the client: as it arrives, with the client's pace handed on to the
/// service.
extension Exchange {
  func receiveResponseBody(_ input: Span<UInt8>, from offset: Int) {
    var offset = offset
    while self.step == .proxying, !self.responseBody.isComplete {
      switch self.nextOfResponse(input, from: offset) {
      case .data(let range):
        offset = range.upperBound
        self.send(input.extracting(range))
      case .end(let end): offset = end
      case .needMoreData:
        self.holdBackIfBlocked()
        return
      case .failed(let error):
        self.log(.error, "upstream sent \(error.reason) while reading upstream")
        return self.breakOff()
      }
    }
    guard self.step == .proxying else { return }
    self.responseComplete(extraBytes: offset < input.count)
  }

  private func send(_ bytes: Span<UInt8>) {
    guard self.outgoing != .none else { return }
    guard self.bodyFilters.isEmpty else { return self.sendFiltered(ByteBuffer(bytes.array)) }
    self.sendUnfiltered(bytes)
  }

  /// The step is no longer `.proxying` when a plugin refuses to go on.
  private func sendFiltered(_ bytes: ByteBuffer) {
    var part = BodyPart(bytes: bytes, isLast: false)
    _ = self.runBodyFilter(&part)
    guard !part.isRefused else { return self.breakOff() }
    self.sendUnfiltered(part.bytes.span)
  }

  private func sendUnfiltered(_ bytes: Span<UInt8>) {
    guard let downstream = self.downstream, bytes.count > 0 else { return }
    self.sentBodyBytes &+= UInt64(bytes.count)
    guard self.outgoing == .chunked else { return downstream.write(bytes) }
    downstream.cork()
    var output = downstream.takeOutput()
    output.appendChunkHeader(count: bytes.count)
    downstream.putOutput(consume output)
    downstream.write(bytes)
    output = downstream.takeOutput()
    output.appendChunkEnd()
    downstream.putOutput(consume output)
  }

  /// A slow client stops the service; its own timeout runs meanwhile.
  private func holdBackIfBlocked() {
    guard let downstream = self.downstream, let upstream = self.upstream else { return }
    downstream.uncork()
    if downstream.isBlocked {
      upstream.pauseReading()
      upstream.clearTimeout()
      downstream.setTimeout(milliseconds: self.worker.downstreamSettings.sendTimeout)
    } else {
      self.setUpstreamTimeout()
    }
  }

  func downstreamFlushed() {
    switch self.step {
    case .proxying where self.isResponseStarted:
      if self.requestBody.isComplete {
        self.downstream?.clearTimeout()
      } else {
        self.downstream?.waitForBody()
      }
      self.upstream?.resumeReading()
      self.setUpstreamTimeout()
    case .making: if self.requestBody.isComplete { self.downstream?.clearTimeout() }
    case .tunnel:
      // Sending made progress: its timer does not run on. What the tunnel may wait for, its own timer says.
      self.downstream?.clearTimeout()
      self.upstream?.resumeReading()
    case .flushing: self.finish()
    default: break
    }
  }

  /// The whole response was read.
  func responseComplete(extraBytes: Bool) {
    self.receivedAt = self.loop.now
    if extraBytes { self.log(.warn, "upstream sent more data than specified in \"Content-Length\" header") }
    self.releaseUpstream(reusable: !extraBytes && self.leavesUpstreamUsable)
    guard self.bodyFilters.isEmpty || self.outgoing == .none else {
      return self.finishBody(BodyPart(bytes: ByteBuffer(), isLast: true))
    }
    self.endResponse()
  }

  /// Its last part went through the plugins.
  func endFilteredResponse(_ part: BodyPart) {
    guard !part.isRefused else { return self.breakOff() }
    self.sendUnfiltered(part.bytes.span)
    self.endResponse()
  }

  private func endResponse() {
    if self.outgoing == .chunked, let downstream = self.downstream {
      var output = downstream.takeOutput()
      if self.head.acceptsTrailers, self.responseBody.framing == .chunked {
        output.appendLastChunk(trailers: self.responseBody.trailers)
      } else {
        output.appendLastChunk()
      }
      downstream.putOutput(consume output)
    }
    self.step = .flushing
    self.flushAndFinish()
  }

  /// Whether both messages ended where everybody sees their end.
  private var leavesUpstreamUsable: Bool {
    self.responseHead.isPersistent && !self.isUpstreamSpent && self.isRequestSent && self.requestBody.isComplete
      && self.responseBody.framing != .untilClose && !self.responseBody.hasBareLineFeed && !self.announcesBodyInVain
  }

  /// The head names a body for a response that has none (HEAD, 204, 304). Some services send it all the same, and it would
  /// be read as the answer to the next request.
  private var announcesBodyInVain: Bool {
    guard self.responseBody.framing == .none else { return false }
    switch self.responseHead.declaredFraming {
    case .contentLength(let length): return length > 0
    case .chunked: return true
    case .none, .untilClose: return false
    }
  }

  /// The service ended its side while the body was being read.
  func responseEnded() {
    if self.responseBody.endOfInput() { return self.responseComplete(extraBytes: false) }
    self.log(.error, "upstream prematurely closed connection while reading upstream")
    self.breakOff()
  }

  /// Finishes now if the kernel has everything, else when it has.
  func flushAndFinish() {
    guard let downstream = self.downstream else { return self.finish() }
    downstream.uncork()
    if downstream.isBlocked, downstream.isOpen {
      downstream.setTimeout(milliseconds: self.worker.downstreamSettings.sendTimeout)
    } else {
      self.finish()
    }
  }
}
