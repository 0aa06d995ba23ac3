// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// Responses the gateway makes: plugins' answers and errors.
extension Exchange {
  /// A plugin's answer.
  func respond(_ answer: LocalResponse) {
    guard !self.isResponseStarted, self.step != .done else { return }
    if case .negotiated = answer.body { self.responseSource = .error } else { self.responseSource = .exit }
    self.sendLocal(answer)
  }

  /// The gateway's own answer to something that went wrong.
  func fail(_ error: GatewayError) {
    guard self.step != .done else { return }
    if error.closes { self.closesDownstream = true }
    // Too late for words: the client learns from the connection's end.
    guard !self.isResponseStarted else { return self.breakOff() }
    self.responseSource = .error
    self.isServerLevelError = error.isServerLevel
    self.sendLocal(.error(status: error.status, error.message))
  }

  /// The response cannot be completed.
  func breakOff() {
    self.releaseUpstream(reusable: false)
    self.closesDownstream = true
    self.step = .flushing
    self.flushAndFinish()
  }

  private func sendLocal(_ answer: LocalResponse) {
    guard (200...599).contains(answer.status) else {
      self.log(.error, "status \(answer.status) is not that of a final response: 200 to 599")
      return self.sendLocal(.error(status: 500, GatewayError.unexpected.message))
    }
    if case .none = answer.body, answer.status >= 300, !answer.repeatsService {
      return self.sendLocal(self.withUsualBody(answer))
    }
    self.releaseUpstream(reusable: false)
    self.hasTraces = true
    // A client that waits for leave to send its body may send it or not: the connection cannot go on.
    let isUninvited = self.head.expectsContinue && !self.isBodyInvited && !self.requestBody.isComplete
    if isUninvited || self.worker.isDraining { self.closesDownstream = true }
    self.status = answer.status
    self.answeredAt = self.loop.now
    self.localHeaders = answer.headers
    self.repeatsService = answer.repeatsService
    let body = self.localBody(answer)
    if answer.body.isNegotiated { self.setLocalType(body.format.contentType) }
    self.runHeaderFilter()
    if self.status < 200 { self.status = answer.status }
    self.chooseBodyFilters()
    self.finishBody(BodyPart(bytes: self.isBodyDropped ? ByteBuffer() : body.bytes, isLast: true))
  }

  /// Its body went through the plugins.
  func endLocal(_ part: BodyPart) {
    if part.isRefused { self.status = 500 }
    self.writeLocal(part.isRefused ? ByteBuffer() : part.bytes)
  }

  /// What Kong sends where nothing was given: its text for errors that its error handler knows, nginx's page for
  /// other statuses that have one, nothing for the rest. A plugin that wants an empty body gives one.
  private func withUsualBody(_ answer: LocalResponse) -> LocalResponse {
    var answer = answer
    if let message = GatewayError.serverMessages[answer.status] {
      self.responseSource = .error
      self.isServerLevelError = true
      if answer.status == 494 { answer.status = 400 }
      answer.body = .negotiated(message: message)
    } else {
      let page = StatusPage.html(answer.status)
      answer.body = .bytes(page)
      if !page.isEmpty {
        answer.headers = answer.headers.filter { !$0.name.isContentType } + [("Content-Type", "text/html")]
      }
    }
    return answer
  }

  private func setLocalType(_ type: String) {
    self.localHeaders = self.localHeaders.filter { !$0.name.isContentType } + [("Content-Type", type)]
  }

  private func localBody(_ answer: LocalResponse) -> (bytes: ByteBuffer, format: ErrorFormat) {
    switch answer.body {
    case .none: return (ByteBuffer(), .plain)
    case .bytes(let bytes): return (bytes, .plain)
    case .negotiated(let message):
      let format = self.negotiatedFormat()
      let text = self.worker.settings.errorPages.body(format, message: message, requestID: self.context.id)
      return (ByteBuffer(text), format)
    }
  }

  /// By Accept. Without one: JSON, or for errors of the server's level by the request's Content-Type, then the
  /// configured default. A type that is none of ours is answered with JSON.
  private func negotiatedFormat() -> ErrorFormat {
    let bytes = self.headBytes
    if let field = self.head.first(.accept) { return ErrorPages.format(accepting: bytes.string(field.value)) ?? .json }
    guard self.isServerLevelError else { return .json }
    if let field = self.head.first(.contentType) {
      return ErrorPages.format(accepting: bytes.string(field.value)) ?? .json
    }
    return self.worker.settings.errorPages.defaultFormat
  }

  private func writeLocal(_ body: ByteBuffer) {
    guard let downstream = self.downstream else { return self.finish() }
    self.isResponseStarted = true
    let status = self.status
    let hasNoBody = status == 204 || status == 304 || status < 200
    var output = downstream.takeOutput()
    let start = output.count
    output.appendStatusLine(status)
    if !self.repeatsService || !self.hasLocalHeader("Date") { self.worker.appendDate(to: &output) }
    self.completeEditedType()
    for header in self.localHeaders where !self.responseEdits.drops(Array(header.name.utf8).span) {
      self.appendLocal(header, to: &output)
    }
    self.responseEdits.write(to: &output)
    self.appendConnection(to: &output)
    if !hasNoBody { output.appendField("Content-Length", body.count) }
    self.appendGatewayHeaders(to: &output, hasServer: self.repeatsService && self.hasLocalHeader("Server"))
    output.append("\r\n")
    if self.chain.mayLog { self.keepHead(output, from: start) }
    if self.head.method != .head, !hasNoBody {
      output.append(body.span)
      self.sentBodyBytes = UInt64(body.count)
    }
    downstream.putOutput(consume output)
    self.step = .flushing
    self.flushAndFinish()
  }

  private func appendLocal(_ header: (name: String, value: String), to output: inout ByteBuffer) {
    if self.isGatewayManaged(header.name, allowsUpgrade: self.status == 426) { return }
    guard header.name.isContentType else {
      return output.appendField(header.name, header.value)
    }
    // There is nothing that it could be the type of.
    if self.status == 204 { return }
    output.appendField("Content-Type", header.value, self.charset(for: Array(header.value.utf8).span))
  }

  private func appendConnection(to output: inout ByteBuffer) {
    // A 426 names the protocol to change to in fields of its own.
    if self.status == 426 { return }
    output.append(self.closesDownstream ? "Connection: close\r\n" : "Connection: keep-alive\r\n")
  }

  private func hasLocalHeader(_ name: String) -> Bool {
    self.localHeaders.contains { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name.lowercased() }
  }

  /// Framing and connection fields are the gateway's business.
  private func isGatewayManaged(_ name: String, allowsUpgrade: Bool) -> Bool {
    switch name.lowercased() {
    case "content-length", "transfer-encoding", "keep-alive": true
    case "connection": !allowsUpgrade
    default: false
    }
  }
}

extension LocalResponse.Body {
  fileprivate var isNegotiated: Bool {
    if case .negotiated = self { true } else { false }
  }
}

extension String {
  fileprivate var isContentType: Bool {
    self.utf8.count == 12 && Array(self.utf8).span.equalsIgnoringCase("content-type")
  }
}
