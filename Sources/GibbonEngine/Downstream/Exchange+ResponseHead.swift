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
    case .proxying where self.isResponseStarted: self.receiveResponseBody(bytes, from: 0)
    case .proxying: self.receiveResponseHead(bytes)
    default: self.releaseUpstream(reusable: false)
    }
  }

  /// Interim responses passed on at most: a service cannot keep a request busy with them forever.
  private static let interimLimit = 32

  /// The common head comes in one piece and is parsed where it landed.
  private func receiveResponseHead(_ bytes: Span<UInt8>) {
    if self.responseBytes.isEmpty { return self.parseResponseHead(bytes) }
    self.addResponseBytes(bytes)
    let gathered = self.responseBytes
    self.parseResponseHead(gathered.span)
  }

  private func parseResponseHead(_ input: Span<UInt8>) {
    var offset = 0
    while true {
      let rest = input.extracting(droppingFirst: offset)
      switch self.parseResponse(rest) {
      case .needMoreData:
        self.keepResponseBytes(rest)
        return self.setUpstreamTimeout()
      case .failed(let error):
        self.log(.error, "upstream sent \(error.reason) while reading response header from upstream")
        // Not a reason to try another one (nginx's `proxy_next_upstream error timeout`).
        self.isRetrySafe = false
        return self.retry(orFail: .invalidUpstreamResponse)
      case .complete(let count):
        let head = rest.extracting(0..<count)
        if self.responseHead.isInterim {
          if !self.responseHead.isPersistent { self.isUpstreamSpent = true }
          guard self.passInterim(head) else { return }
          offset += count
          self.responseParser = self.worker.responseParser
          continue
        }
        self.keepResponseBytes(head)
        self.beginResponse()
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
    self.downstream?.uncork()
  }

  private func afterBody() {
    if self.step == .proxying, self.responseBody.isComplete { self.responseComplete(extraBytes: false) }
    self.downstream?.uncork()
  }

  /// 102 and 103 go on to clients that know them; 100 was for the gateway. False when there were too many.
  private func passInterim(_ head: Span<UInt8>) -> Bool {
    self.interimResponses += 1
    guard self.interimResponses <= Exchange.interimLimit else {
      self.log(.error, "upstream sent too many interim responses")
      self.isRetrySafe = false
      self.retry(orFail: .invalidUpstreamResponse)
      return false
    }
    let status = self.responseHead.status
    if status == 102 || status == 103, self.head.version == .http11 { self.writeInterim(head) }
    self.setUpstreamTimeout()
    return true
  }

  private func writeInterim(_ bytes: Span<UInt8>) {
    guard let downstream = self.downstream else { return }
    var output = downstream.takeOutput()
    output.appendStatusLine(self.responseHead.status)
    for field in self.responseHead.fields where field.known == .other || field.known == .vary {
      if !self.responseHead.connectionNamesFields, !ResponseHead.isForProxy(field, in: bytes) {
        output.appendField(bytes.extracting(field.name.bounds), bytes.extracting(field.value.bounds))
      }
    }
    output.append("\r\n")
    downstream.putOutput(consume output)
  }

  /// The final head is known: plugins may change it, then it goes out.
  private func beginResponse() {
    self.hasServiceResponse = true
    self.responseSource = .service
    self.status = self.responseHead.status
    self.answeredAt = self.loop.now
    self.upstreamLatency = self.loop.now &- self.upstreamStartedAt
    if self.chain.mayLog { self.noteAnswer(self.status) }
    self.balancedTryAnswered(self.status)
    let upgrades = self.status == 101
    if upgrades {
      guard self.asksForUpgrade, self.responseHead.connectionHasUpgrade else {
        self.log(.error, "upstream sent 101 without being asked to upgrade")
        self.isRetrySafe = false
        return self.retry(orFail: .invalidUpstreamResponse)
      }
    }
    self.beginResponseBody(self.responseHead.framing(answering: self.effectiveMethod))
    self.runHeaderFilter()
    self.chooseBodyFilters()
    // Neither an upgrade nor a final response can become the other by a new number.
    if upgrades || self.status < 200 { self.status = self.responseHead.status }
    self.chooseFraming()
    self.writeResponseHead()
    if upgrades { self.beginTunnel() } else { self.setUpstreamTimeout() }
  }

  /// By the status the client sees. A body it may not have is read and dropped.
  private func chooseFraming() {
    if self.worker.isDraining { self.closesDownstream = true }
    if self.head.method == .head || self.status == 204 || self.status == 304 || self.status == 101
      || self.isBodyDropped
    {
      self.outgoing = .none
      return
    }
    switch self.responseBody.framing {
    case .none where !self.isBodyChanged: self.outgoing = .length
    case .contentLength where !self.isBodyChanged: self.outgoing = .length
    case .none, .contentLength, .chunked, .untilClose:
      if self.head.version == .http11 {
        self.outgoing = .chunked
      } else {
        self.outgoing = .close
        self.closesDownstream = true
      }
    }
  }

  private func writeResponseHead() {
    guard let downstream = self.downstream else { return }
    self.isResponseStarted = true
    downstream.cork()
    let bytes = self.responseBytes
    var output = downstream.takeOutput()
    let start = output.count
    if self.status == self.responseHead.status {
      output.appendStatusLine(self.status, reason: bytes[self.responseHead.reason])
    } else {
      output.appendStatusLine(self.status)
    }
    self.completeEditedType()
    self.appendServiceFields(to: &output, bytes)
    if !self.responseHead.has(.date) { self.worker.appendDate(to: &output) }
    if !self.responseEdits.isEmpty { self.responseEdits.write(to: &output) }
    self.appendResponseFraming(to: &output)
    self.appendGatewayHeaders(to: &output, hasServer: self.responseHead.has(.server))
    output.append("\r\n")
    if self.chain.mayLog { self.keepHead(output, from: start) }
    downstream.putOutput(consume output)
  }

  private func appendServiceFields(to output: inout ByteBuffer, _ bytes: ByteBuffer) {
    let isEdited = !self.responseEdits.isEmpty
    let namesFields = self.responseHead.connectionNamesFields
    for field in self.responseHead.fields {
      switch field.known {
      case .other, .xAccelBuffering:
        // Nothing is done by them here: a service cannot send a client elsewhere within the gateway.
        if ResponseHead.isForProxy(field, in: bytes.span) {
          if field.name.count == 16 { self.log(.warn, "upstream sent \"X-Accel-Redirect\", which is not followed") }
          continue
        }
      case .connection, .keepAlive, .transferEncoding, .contentLength, .proxyConnection, .via: continue
      case .upgrade where self.status != 101: continue
      case .trailer where !self.head.acceptsTrailers: continue
      case .xKongUpstreamLatency, .xKongProxyLatency, .xKongRequestID: continue
      default: break
      }
      let name = bytes[field.name]
      if isEdited, self.responseEdits.drops(name) { continue }
      if namesFields, Exchange.isNamed(name, byConnectionOf: self.responseHead, bytes) { continue }
      if field.known == .contentType, TextCharset.isText(bytes[field.value]) {
        output.appendField(name, bytes[field.value], self.charset(for: bytes[field.value]))
      } else {
        output.appendField(name, bytes[field.value])
      }
    }
  }

  private static func isNamed(_ name: Span<UInt8>, byConnectionOf head: ResponseHead, _ bytes: ByteBuffer) -> Bool {
    for field in head.fields where field.known == .connection {
      var tokens = FieldTokens(field.value)
      while let token = tokens.next(in: bytes.span) {
        if bytes[token].equalsIgnoringCase(name) { return true }
      }
    }
    return false
  }

  private func appendResponseFraming(to output: inout ByteBuffer) {
    switch self.outgoing {
    case .chunked: output.append("Transfer-Encoding: chunked\r\n")
    case .close: break
    case .length:
      if case .contentLength(let length) = self.responseBody.framing {
        output.appendField("Content-Length", Int(clamping: length))
      } else {
        output.append("Content-Length: 0\r\n")
      }
    case .none where self.isBodyDropped:
      if self.status >= 200, self.status != 204 { output.append("Content-Length: 0\r\n") }
    case .none:
      // What the length would be, where that may be said (RFC 9110 section 8.6) and is known.
      if self.status >= 200, self.status != 204, !self.isBodyChanged,
        case .contentLength(let length) = self.responseHead.declaredFraming
      {
        output.appendField("Content-Length", Int(clamping: length))
      }
    }
    if self.status == 101 {
      output.append("Connection: upgrade\r\n")
    } else {
      output.append(self.closesDownstream ? "Connection: close\r\n" : "Connection: keep-alive\r\n")
    }
  }
}
