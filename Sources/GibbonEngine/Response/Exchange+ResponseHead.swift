// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI

/// The service's answer arrives: its head is read, filtered and written to the client.
extension Exchange {
  func upstreamReceived(_ bytes: Span<UInt8>) {
    switch self.step {
    case .tunnel: self.tunnel(fromService: bytes)
    case .proxying where self.response.isStarted: self.receiveResponseBody(bytes, from: 0)
    case .proxying: self.receiveResponseHead(bytes)
    default: self.releaseUpstream(reusable: false)
    }
  }

  /// Interim responses passed on at most: a service cannot keep a request busy with them forever.
  private static let interimLimit = 32

  /// The common head comes in one piece and is parsed where it landed.
  private func receiveResponseHead(_ bytes: Span<UInt8>) {
    if self.response.bytes.isEmpty { return self.parseResponseHead(bytes) }
    self.response.addBytes(bytes)
    let gathered = self.response.bytes
    self.parseResponseHead(gathered.span)
  }

  private func parseResponseHead(_ input: Span<UInt8>) {
    var offset = 0
    while true {
      let rest = input.extracting(droppingFirst: offset)
      var parser = self.attempt.parser
      let result = self.response.parse(rest, &parser)
      self.attempt.parser = parser
      switch result {
      case .needMoreData:
        self.response.keepBytes(rest)
        return self.setUpstreamTimeout()
      case .failed(let error):
        self.log(.error, "upstream sent \(error.reason) while reading response header from upstream")
        // Not a reason to try another one (nginx's `proxy_next_upstream error timeout`).
        self.attempt.isRetrySafe = false
        return self.retry(orFail: .invalidUpstreamResponse)
      case .complete(let count):
        let head = rest.extracting(0..<count)
        if self.response.head.isInterim {
          if !self.response.head.isPersistent { self.attempt.isUpstreamSpent = true }
          guard self.passInterim(head) else { return }
          offset += count
          self.attempt.parser = self.worker.responseParser
          continue
        }
        self.response.keepBytes(head)
        self.beginResponse(self.response.head.framing(answering: self.effectiveMethod), isDelimited: false)
        return count < rest.count ? self.receiveRest(rest.extracting(droppingFirst: count)) : self.afterBody()
      }
    }
  }

  private func receiveRest(_ bytes: Span<UInt8>) {
    switch self.step {
    case .tunnel: self.tunnel(fromService: bytes)
    case .proxying: self.receiveResponseBody(bytes, from: 0)
    default: break
    }
    self.client.uncork()
  }

  private func afterBody() {
    if self.step == .proxying, self.response.body.isComplete { self.responseComplete(extraBytes: false) }
    self.client.uncork()
  }

  /// 102 and 103 go on to clients that know them; 100 was for the gateway. False when there were too many.
  func passInterim(_ head: Span<UInt8>) -> Bool {
    self.attempt.interimResponses += 1
    guard self.attempt.interimResponses <= Exchange.interimLimit else {
      self.log(.error, "upstream sent too many interim responses")
      self.attempt.isRetrySafe = false
      self.retry(orFail: .invalidUpstreamResponse)
      return false
    }
    let status = self.response.head.status
    if status == 102 || status == 103, self.received.head.version != .http10 { self.writeInterim(head) }
    self.setUpstreamTimeout()
    return true
  }

  private func writeInterim(_ bytes: Span<UInt8>) {
    let status = self.response.head.status
    var head = self.client.beginHead(status, reason: Span(), hasReason: false, self.loop)
    for field in self.response.head.fields where field.known == .other || field.known == .vary {
      if !self.response.head.connectionNamesFields, !ResponseHead.isForProxy(field, in: bytes) {
        head.output.appendField(bytes.extracting(field.name.bounds), bytes.extracting(field.value.bounds))
      }
    }
    head.output.append("\r\n")
    self.client.endHead(status, head, ends: false, self.loop)
  }

  /// The final head is known: plugins may change it, then it goes out.
  ///
  /// - Parameter isDelimited: the service's side says where the body ends.
  func beginResponse(_ framing: BodyFraming, isDelimited: Bool) {
    self.response.isFromService = true
    self.response.source = .service
    self.response.status = self.response.head.status
    self.outcome.answeredAt = self.loop.now
    self.outcome.upstreamLatency = self.loop.now &- self.attempt.startedAt
    if self.plugins.chain.mayLog { self.noteAnswer(self.response.status) }
    self.balancedTryAnswered(self.response.status)
    let upgrades = self.response.status == 101
    if upgrades {
      guard self.asksForUpgrade, self.response.head.connectionHasUpgrade else {
        self.log(.error, "upstream sent 101 without being asked to upgrade")
        self.attempt.isRetrySafe = false
        return self.retry(orFail: .invalidUpstreamResponse)
      }
    }
    self.response.begin(framing, limits: self.worker.upstreamSettings.headLimits, isDelimited: isDelimited)
    self.runHeaderFilter()
    self.chooseBodyFilters()
    // Neither an upgrade nor a final response can become the other by a new number.
    if upgrades || self.response.status < 200 { self.response.status = self.response.head.status }
    self.chooseFraming()
    if self.response.isHeadHeld, !self.response.bodyFilters.isEmpty, self.response.framing != .none, !upgrades {
      self.response.isStarted = true
    } else {
      self.response.releaseHead()
      self.writeFinalHead(.ofService, ends: self.hasNoContent)
    }
    if upgrades { self.beginTunnel() } else { self.setUpstreamTimeout() }
  }

  /// The body has made up the head that waited for it.
  func writeHeldHead() {
    guard self.response.isHeadHeld else { return }
    self.response.releaseHead()
    self.chooseFraming()
    self.writeFinalHead(.ofService, ends: false)
  }

  /// Nothing follows the head, so that it can be the end itself.
  private var hasNoContent: Bool {
    switch self.response.framing {
    case .none: self.response.status != 101
    case .length: self.response.body.isComplete
    case .chunked, .close: false
    }
  }

  /// By the status the client sees. A body it may not have is read and dropped.
  private func chooseFraming() {
    if self.worker.isDraining { self.closesDownstream = true }
    if self.received.head.method == .head || self.response.status == 204 || self.response.status == 304
      || self.response.status == 101
      || self.response.isBodyDropped
    {
      self.response.framing = .none
      return
    }
    switch self.response.body.framing {
    case .none where !self.response.isBodyChanged: self.response.framing = .length
    case .contentLength where !self.response.isBodyChanged: self.response.framing = .length
    case .none, .contentLength, .chunked, .untilClose:
      if self.received.head.version != .http10 {
        self.response.framing = .chunked
      } else {
        self.response.framing = .close
        self.closesDownstream = true
      }
    }
  }
}
