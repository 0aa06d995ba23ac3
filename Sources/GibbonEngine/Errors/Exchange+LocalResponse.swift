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
    guard !self.response.isStarted, self.step != .done else { return }
    if case .negotiated = answer.body { self.response.source = .error } else { self.response.source = .exit }
    self.sendLocal(answer)
  }

  /// The gateway's own answer to something that went wrong.
  func fail(_ error: GatewayError) {
    guard self.step != .done else { return }
    if error.closes { self.closesDownstream = true }
    self.response.dropHeldHead()
    // Too late for words: the client learns from the connection's end.
    guard !self.response.isStarted else { return self.breakOff() }
    self.response.source = .error
    self.response.isServerLevelError = error.isServerLevel
    self.sendLocal(.error(status: error.status, error.message))
  }

  /// The response cannot be completed.
  func breakOff() {
    if self.response.isHeadHeld { return self.fail(.invalidUpstreamResponse) }
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
    if self.received.isGRPC, !answer.repeatsService { return self.sendMade(self.inGRPC(answer)) }
    if case .none = answer.body, answer.status >= 300, !answer.repeatsService {
      return self.sendLocal(self.withUsualBody(answer))
    }
    self.sendMade(answer)
  }

  private func sendMade(_ answer: LocalResponse) {
    self.releaseUpstream(reusable: false)
    self.hasTraces = true
    // A client that waits for leave to send its body may send it or not: the connection cannot go on.
    let isUninvited =
      self.received.head.expectsContinue && !self.requestFlow.isInvited && !self.requestFlow.body.isComplete
    if isUninvited || self.worker.isDraining { self.closesDownstream = true }
    self.response.status = answer.status
    self.outcome.answeredAt = self.loop.now
    self.response.localHeaders = answer.headers
    self.response.repeatsService = answer.repeatsService
    let body = self.localBody(answer)
    if answer.body.isNegotiated { self.setLocalType(body.format.contentType) }
    self.runHeaderFilter()
    if self.response.status < 200 { self.response.status = answer.status }
    self.chooseBodyFilters()
    self.finishBody(BodyPart(bytes: self.response.isBodyDropped ? ByteBuffer() : body.bytes, isLast: true))
  }

  /// Its body went through the plugins.
  func endLocal(_ part: BodyPart) {
    if part.isRefused { self.response.status = 500 }
    self.writeLocal(part.isRefused ? ByteBuffer() : part.bytes)
  }

  /// What Kong sends where nothing was given: its text for errors that its error handler knows, nginx's page for
  /// other statuses that have one, nothing for the rest. A plugin that wants an empty body gives one.
  private func withUsualBody(_ answer: LocalResponse) -> LocalResponse {
    var answer = answer
    if let message = GatewayError.serverMessages[answer.status] {
      self.response.source = .error
      self.response.isServerLevelError = true
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

  /// What a gRPC client gets in its place: a code and a message in fields, and no body. One that a plugin has made for
  /// gRPC stays.
  private func inGRPC(_ answer: LocalResponse) -> LocalResponse {
    var answer = answer
    let code = GRPCStatus.code(answer.status)
    var message = GRPCStatus.message(code)
    let type = answer.headers.first { $0.name.isContentType }?.value
    if type?.starts(withBytesOf: "application/grpc") != true {
      switch answer.body {
      case .none: break
      case .bytes(let bytes): if !bytes.isEmpty { message = bytes.string }
      case .negotiated(let text): if self.response.isServerLevelError { message = text }
      }
      answer.headers = answer.headers.filter { !$0.name.isContentType } + [("Content-Type", "application/grpc")]
      answer.body = .bytes(ByteBuffer())
    }
    func has(_ name: String) -> Bool { answer.headers.contains { $0.name.isSame(ignoringCase: name) } }
    if !has("grpc-status") { answer.headers.append(("grpc-status", "\(code)")) }
    if !has("grpc-message") { answer.headers.append(("grpc-message", message)) }
    return answer
  }

  private func setLocalType(_ type: String) {
    self.response.localHeaders = self.response.localHeaders.filter { !$0.name.isContentType } + [("Content-Type", type)]
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
    let bytes = self.received.bytes
    if let field = self.received.head.first(.accept) {
      return ErrorPages.format(accepting: bytes[field.value]) ?? .json
    }
    guard self.response.isServerLevelError else { return .json }
    if let field = self.received.head.first(.contentType) {
      return ErrorPages.format(accepting: bytes[field.value]) ?? .json
    }
    return self.worker.settings.errorPages.defaultFormat
  }

  private func writeLocal(_ body: ByteBuffer) {
    guard self.client.isPresent else { return self.finish() }
    let status = self.response.status
    let hasNoBody = status == 204 || status == 304 || status < 200
    let sendsBody = self.received.head.method != .head && !hasNoBody && !body.isEmpty
    self.writeFinalHead(hasNoBody ? .nothing : .known(body.count), ends: !sendsBody)
    if sendsBody {
      self.client.sendBody(body.span, isChunked: false, ends: true)
      self.outcome.sentBodyBytes = UInt64(body.count)
    }
    self.client.sendEnd(isChunked: false, Span())
    self.step = .flushing
    self.flushAndFinish()
  }
}

extension LocalResponse.Body {
  fileprivate var isNegotiated: Bool {
    if case .negotiated = self { true } else { false }
  }
}
