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
    while self.step == .proxying, !self.response.body.isComplete {
      switch self.response.next(input, from: offset) {
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
    guard self.response.framing != .none else { return }
    guard self.response.bodyFilters.isEmpty else { return self.sendFiltered(ByteBuffer(bytes.array)) }
    self.sendUnfiltered(bytes)
  }

  /// The step is no longer `.proxying` when a plugin refuses to go on.
  private func sendFiltered(_ bytes: ByteBuffer) {
    var part = BodyPart(bytes: bytes, isLast: false)
    _ = self.runBodyFilter(&part)
    guard !part.isRefused else { return self.refusePart() }
    self.sendUnfiltered(part.bytes.span)
  }

  /// A plugin refuses to go on.
  private func refusePart() {
    if self.response.isHeadHeld { self.fail(.unexpected) } else { self.breakOff() }
  }

  private func sendUnfiltered(_ bytes: Span<UInt8>) {
    guard bytes.count > 0 else { return }
    self.writeHeldHead()
    self.outcome.sentBodyBytes &+= UInt64(bytes.count)
    let isLast = self.response.body.isComplete && self.response.framing == .length && !self.response.isBodyChanged
    self.client.sendBody(bytes, isChunked: self.response.framing == .chunked, ends: isLast)
  }

  /// A slow client stops the service; its own timeout runs meanwhile.
  private func holdBackIfBlocked() {
    let (client, service) = (self.client, self.service)
    guard client.isPresent, service.isPresent else { return }
    client.uncork()
    if client.isBlocked {
      service.pauseReading()
      service.stopTimer()
      client.startTimer(self.worker.downstreamSettings.sendTimeout)
    } else {
      self.setUpstreamTimeout()
    }
  }

  func downstreamFlushed() {
    switch self.step {
    case .proxying where self.response.isStarted:
      if self.requestFlow.body.isComplete {
        self.client.stopTimer()
      } else {
        self.client.waitForBody()
      }
      self.service.resumeReading()
      self.setUpstreamTimeout()
    case .making: if self.requestFlow.body.isComplete { self.client.stopTimer() }
    case .tunnel:
      // Sending made progress: its timer does not run on. What the tunnel may wait for, its own timer says.
      self.client.stopTimer()
      self.service.resumeReading()
    case .flushing: self.finish()
    default: break
    }
  }

  /// The whole response was read.
  func responseComplete(extraBytes: Bool) {
    self.outcome.receivedAt = self.loop.now
    if extraBytes { self.log(.warn, "upstream sent more data than specified in \"Content-Length\" header") }
    self.releaseUpstream(reusable: !extraBytes && self.leavesUpstreamUsable)
    guard self.response.bodyFilters.isEmpty || self.response.framing == .none else {
      return self.finishBody(BodyPart(bytes: ByteBuffer(), isLast: true))
    }
    self.endResponse()
  }

  /// Its last part went through the plugins.
  func endFilteredResponse(_ part: BodyPart) {
    guard !part.isRefused else { return self.refusePart() }
    self.sendUnfiltered(part.bytes.span)
    self.writeHeldHead()
    self.endResponse()
  }

  private func endResponse() {
    let isChunked = self.response.framing == .chunked
    if self.response.trailers != nil || !self.response.body.trailers.isEmpty {
      var lines = self.loop.takeBuffer()
      self.appendTrailers(to: &lines)
      self.client.sendEnd(isChunked: isChunked, lines.span)
      self.loop.recycle(lines)
    } else {
      self.client.sendEnd(isChunked: isChunked, Span())
    }
    self.step = .flushing
    self.flushAndFinish()
  }

  /// What follows the body: over HTTP/1 for clients that say they look at it.
  private func appendTrailers(to lines: inout ByteBuffer) {
    guard self.received.head.acceptsTrailers || !self.client.isHTTP1 else { return }
    if let trailers = self.response.trailers {
      for (name, value) in trailers { lines.appendField(name, value) }
    } else if self.response.body.framing == .chunked {
      lines.appendFields(of: self.response.body.trailers)
    }
  }

  /// Whether both messages ended where everybody sees their end.
  private var leavesUpstreamUsable: Bool {
    self.response.head.isPersistent && !self.attempt.isUpstreamSpent && self.requestFlow.isSent
      && self.requestFlow.body.isComplete
      && self.response.body.framing != .untilClose && !self.response.body.hasBareLineFeed && !self.announcesBodyInVain
  }

  /// The head names a body for a response that has none (HEAD, 204, 304). Some services send it all the same, and it
  /// would be read as the answer to the next request.
  private var announcesBodyInVain: Bool {
    guard self.response.body.framing == .none else { return false }
    switch self.response.head.declaredFraming {
    case .contentLength(let length): return length > 0
    case .chunked: return true
    case .none, .untilClose: return false
    }
  }

  /// The service ended its side while the body was being read.
  func responseEnded() {
    if self.response.endOfInput() { return self.responseComplete(extraBytes: false) }
    self.log(.error, "upstream prematurely closed connection while reading upstream")
    self.breakOff()
  }

  /// Finishes now if the kernel has everything, else when it has.
  func flushAndFinish() {
    let client = self.client
    client.uncork()
    if client.isBlocked, client.isOpen {
      client.startTimer(self.worker.downstreamSettings.sendTimeout)
    } else {
      self.finish()
    }
  }
}
