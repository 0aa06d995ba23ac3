// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonHTTP2
internal import GibbonIO
internal import GibbonModel

/// A try over a stream of HTTP/2.
extension Exchange {
  /// Sends the head, and what is here of the body. False where the service takes no more streams on that connection.
  func sendHead(over stream: ServiceStream, _ service: ServiceRuntime) -> Bool {
    let bytes = self.received.bytes
    var method = self.loop.takeBuffer()
    var authority = self.loop.takeBuffer()
    var path = self.loop.takeBuffer()
    var lines = self.loop.takeBuffer()
    if let wanted = self.sending.method {
      method.append(text: wanted)
    } else {
      method.append(bytes[self.received.head.methodName])
    }
    self.appendTarget(to: &path, service, bytes)
    self.appendAuthority(to: &authority, service, bytes)
    self.appendRequestFields(to: &lines, bytes)
    let hasBody = self.hasBodyToSend
    let scheme = service.isUpstreamTLS ? Self.schemes.secure : Self.schemes.plain
    let isSent = stream.sendHead(
      HTTP2RequestLine(method: method.span, scheme: scheme.span, authority: authority.span, path: path.span),
      lines.span, ends: !hasBody)
    if isSent, hasBody { self.sendKeptBody(over: stream) }
    for buffer in [method, authority, path, lines] { self.loop.recycle(buffer) }
    return isSent
  }

  private static let schemes = (plain: Array("http".utf8), secure: Array("https".utf8))

  /// Whether content follows the head.
  private var hasBodyToSend: Bool {
    if let body = self.requestFlow.buffered { return !body.isEmpty }
    if !self.requestFlow.body.isComplete || !self.requestFlow.body.trailers.isEmpty { return true }
    return !self.requestFlow.kept.isEmpty
  }

  private func sendKeptBody(over stream: ServiceStream) {
    if let body = self.requestFlow.buffered {
      stream.sendBody(body.span)
    } else if !self.requestFlow.kept.isEmpty {
      let kept = self.requestFlow.kept
      stream.sendBody(kept.span)
    }
    guard self.requestFlow.body.isComplete else { return }
    self.service.sendEnd(isChunked: false, self.requestFlow.body.trailers, self.loop)
  }

  // MARK: Events

  /// An interim head came, and is in the draft.
  func upstreamInterim() {
    guard self.step == .proxying, !self.response.isStarted else { return }
    let bytes = self.response.bytes
    _ = self.passInterim(bytes.span)
  }

  /// The final head came, and is in the draft.
  ///
  /// - Parameter ends: no content follows.
  func upstreamAnswered(ends: Bool) {
    guard self.step == .proxying, !self.response.isStarted else { return }
    let framing = self.response.head.framing(answering: self.effectiveMethod)
    self.beginResponse(ends ? .none : framing, isDelimited: true)
    self.client.uncork()
  }

  /// The service has sent all of its response.
  func endResponseBody() {
    guard self.step == .proxying, self.response.isStarted else { return }
    self.response.finish()
    self.responseComplete(extraBytes: false)
    self.client.uncork()
  }

  /// The service gave the stream up, or broke the rules of HTTP/2 on it.
  func upstreamReset(_ code: HTTP2ErrorCode) {
    switch self.step {
    case .proxying where self.response.isStarted:
      self.log(.error, "upstream reset the stream (\(code)) while reading upstream")
      self.breakOff()
    case .proxying:
      self.log(.error, "upstream reset the stream (\(code)) while reading response header from upstream")
      self.retry(orFail: .invalidUpstreamResponse)
    case .tunnel: self.endTunnel()
    default: self.releaseUpstream(reusable: false)
    }
  }

  /// The service says that it has done nothing with the request: it may be asked again, whatever the method, and that
  /// says nothing of its health (RFC 9113 section 8.7).
  func upstreamUnprocessed() {
    guard self.step == .proxying, !self.response.isStarted, self.requestFlow.isKept,
      self.attempt.unprocessed < Self.unprocessedLimit
    else { return self.upstreamReset(.refusedStream) }
    self.attempt.unprocessed &+= 1
    self.attempt.tries &-= 1
    self.balancedTryWasStale()
    self.releaseUpstream(reusable: false)
    self.balance()
  }

  /// Times a request is refused without a reason to stop, at most.
  private static let unprocessedLimit: UInt8 = 8

  // MARK: From a client of HTTP/2

  /// The client has sent all of its request, and all of it was taken.
  func endRequestBody() {
    guard !self.requestFlow.body.isComplete, self.takesBody else { return }
    self.requestFlow.finish()
    guard self.countBody(self.requestFlow.body.trailerBytes) else { return }
    self.bodyComplete()
  }
}
