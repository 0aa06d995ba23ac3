// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonTLS

/// Whom an exchange answers, in terms of messages: heads, content, ends. How they look on the wire is known below this
/// line only. See docs/decisions/0015-sides-in-messages.md.
///
/// Heads are given as field lines, in the form that HTTP/1 writes them.
enum ClientSide {
  /// The client is gone, or nothing has arrived yet.
  case none
  case http1(DownstreamConnection)
  case http2(ClientStream)

  /// Whose address, port and TLS these are.
  var connection: DownstreamConnection? {
    switch self {
    case .none: nil
    case .http1(let connection): connection
    case .http2(let stream): stream.connection
    }
  }

  var isPresent: Bool {
    if case .none = self { false } else { true }
  }

  /// Bytes sent to the client that count for the request, those of the connection before it included.
  var sentBytes: UInt64 {
    switch self {
    case .none: 0
    case .http1(let connection): connection.sentBytes
    case .http2(let stream): stream.sentBytes
    }
  }

  /// No request after this one: what the head of an answer has to say of the connection.
  var isLastRequest: Bool {
    if case .http1(let connection) = self { connection.isLastRequest } else { false }
  }

  /// The head of an answer has fields for the connection.
  var isHTTP1: Bool {
    if case .http2 = self { false } else { true }
  }

  // MARK: The request's body

  /// What arrives with the head is being handed on: a body's first bytes may follow at once.
  var isConsuming: Bool {
    switch self {
    case .none: false
    case .http1(let connection): connection.isConsuming
    case .http2(let stream): stream.server.isReceiving
    }
  }

  /// The body may come (`Expect: 100-continue`).
  func sendContinue() {
    switch self {
    case .none: break
    case .http1(let connection): connection.sendContinue()
    case .http2(let stream): stream.sendHead(100, Span(), ends: false)
    }
  }

  /// Somebody takes the body now.
  func resumeBody() {
    switch self {
    case .none: break
    case .http1(let connection): connection.resumeBody()
    case .http2(let stream): stream.resumeBody()
    }
  }

  /// The client has taken what was sent, and its body goes on: the time for that runs again.
  func waitForBody() {
    switch self {
    case .none: break
    case .http1(let connection): connection.waitForBody()
    case .http2(let stream): stream.waitForBody()
    }
  }

  // MARK: The response

  /// Where an interim or final head's lines are written to; `endHead` takes it back.
  ///
  /// - Parameter reason: the phrase that goes with the status, where there is one of the service's.
  func beginHead(_ status: UInt16, reason: Span<UInt8>, hasReason: Bool, _ loop: EventLoop) -> HeadOutput {
    var output =
      if case .http1(let connection) = self { connection.takeOutput() } else { loop.takeBuffer() }
    let start = output.count
    if hasReason {
      output.appendStatusLine(status, reason: reason)
    } else {
      output.appendStatusLine(status)
    }
    let fields = output.count
    return HeadOutput(output: output, start: start, fields: fields)
  }

  /// The head is complete, the empty line at its end included.
  ///
  /// - Parameter ends: nothing follows.
  func endHead(_ status: UInt16, _ head: consuming HeadOutput, ends: Bool, _ loop: EventLoop) {
    switch self {
    case .none: break
    case .http1(let connection): connection.putOutput(head.output)
    case .http2(let stream):
      let lines = head.output.span.extracting(head.fields..<head.output.count - 2)
      stream.sendHead(status, lines, ends: ends)
      loop.recycle(head.output)
    }
  }

  /// - Parameters:
  ///   - isChunked: HTTP/1 shall delimit it by the chunked coding.
  ///   - ends: whether it is the end of the content, where that is known already. `sendEnd` follows all the same.
  func sendBody(_ bytes: Span<UInt8>, isChunked: Bool, ends: Bool) {
    switch self {
    case .none: break
    case .http1(let connection):
      if isChunked { connection.writeChunk(bytes) } else { connection.write(bytes) }
    case .http2(let stream): stream.sendBody(bytes, ends: ends)
    }
  }

  /// The content is over.
  ///
  /// - Parameter trailers: field lines, which follow it with the chunked coding and over HTTP/2.
  func sendEnd(isChunked: Bool, _ trailers: Span<UInt8>) {
    switch self {
    case .none: break
    case .http1(let connection):
      if isChunked { connection.writeLastChunk(trailers) }
    case .http2(let stream): stream.sendEnd(trailers)
    }
  }

  /// Gathers what is written, so that it leaves in one system call; over HTTP/2 the connection does that by itself.
  func cork() {
    if case .http1(let connection) = self { connection.cork() }
  }

  func uncork() {
    if case .http1(let connection) = self { connection.uncork() }
  }

  /// Whether the client must take something before more is written.
  var isBlocked: Bool {
    switch self {
    case .none: false
    case .http1(let connection): connection.isBlocked
    case .http2(let stream): stream.isBlocked
    }
  }

  var isOpen: Bool { self.connection?.isOpen ?? false }

  // MARK: Time

  func startTimer(_ milliseconds: Int) {
    switch self {
    case .none: break
    case .http1(let connection): connection.setTimeout(milliseconds: milliseconds)
    case .http2(let stream): stream.startTimer(milliseconds)
    }
  }

  func stopTimer() {
    switch self {
    case .none: break
    case .http1(let connection): connection.clearTimeout()
    case .http2(let stream): stream.stopTimer()
    }
  }

  // MARK: Tunnels

  /// What the client sends from now on belongs to the tunnel.
  func becomeTunnel() {
    switch self {
    case .none: break
    case .http1(let connection): connection.becomeTunnel()
    case .http2(let stream): stream.resumeBody()
    }
  }

  func pauseTunnel() {
    if case .http1(let connection) = self { connection.pauseReading() }
  }

  func resumeTunnel() {
    switch self {
    case .none: break
    case .http1(let connection): connection.resumeReading()
    case .http2(let stream): stream.resumeBody()
    }
  }

  /// The service has ended its side of the tunnel.
  func endTunnelWriting() {
    switch self {
    case .none: break
    case .http1(let connection): connection.shutdownWriting()
    case .http2(let stream): stream.sendEnd(Span())
    }
  }

  // MARK: The end

  /// The exchange is logged and over.
  func finished(_ exchange: Exchange) {
    switch self {
    case .none: break
    case .http1(let connection): connection.exchangeFinished(exchange)
    case .http2(let stream): stream.finish()
    }
  }
}
