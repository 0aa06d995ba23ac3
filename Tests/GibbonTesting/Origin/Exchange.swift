// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// One request at an origin, and the means to answer it.
public final class Exchange: Sendable {
  private struct State {
    var body: (body: [UInt8], trailers: [MessageHead.Field])?
    var connectionDone = false
  }

  public let head: MessageHead
  public let socket: Socket
  public let reader: MessageReader
  /// 1 for the first connection the origin accepted, 2 for the second.
  public let connectionNumber: Int
  private let state = Mutex(State())

  init(head: MessageHead, socket: Socket, reader: MessageReader, connectionNumber: Int) {
    self.head = head
    self.socket = socket
    self.reader = reader
    self.connectionNumber = connectionNumber
  }

  public var method: String { self.head.word(0) }
  public var target: String { self.head.word(1) }

  /// Reads the body of the request, once; later calls give the same again.
  public func readBody(seconds: Double = Deadline.defaultSeconds) throws -> [UInt8] {
    try self.readMessage(seconds: seconds).body
  }

  /// The trailers after a chunked body.
  public func readTrailers() throws -> [MessageHead.Field] {
    try self.readMessage(seconds: Deadline.defaultSeconds).trailers
  }

  private func readMessage(seconds: Double) throws -> (body: [UInt8], trailers: [MessageHead.Field]) {
    if let known = self.state.withLock({ $0.body }) { return known }
    let framing: MessageReader.Framing =
      self.head.isChunked ? .chunked : self.head.contentLength.map { .length($0) } ?? .none
    let message = try self.reader.readBody(framing, seconds: seconds)
    self.state.withLock { $0.body = message }
    return message
  }

  /// Says that the handler read the body itself, off `reader`.
  public func markBodyRead() {
    self.state.withLock { $0.body = ([], []) }
  }

  public func send(_ text: String) throws { try self.socket.send(Array(text.utf8)) }
  public func send(_ bytes: [UInt8], seconds: Double = Deadline.defaultSeconds) throws {
    try self.socket.send(bytes, seconds: seconds)
  }

  /// A complete response with Content-Length, after the body of the request was read.
  public func respond(_ status: Int = 200, headers: [(String, String)] = [], body: String = "") throws {
    _ = try self.readBody()
    var text = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Some Reason")\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    let hasBody = status != 204 && status != 304
    if hasBody { text += "Content-Length: \(body.utf8.count)\r\n" }
    text += "\r\n"
    if hasBody, self.method != "HEAD" { text += body }
    try self.send(text)
  }

  /// Answers with the request as received: its head, then its body, then its trailers one a line.
  public func echo() throws {
    let body = try self.readBody()
    let trailers = try self.readTrailers()
    let seen = self.head.raw + body + trailers.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
    var answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: origin/1\r\n"
    answer += "Content-Length: \(seen.count)\r\n\r\n"
    try self.send(Array(answer.utf8) + (self.method == "HEAD" ? [] : seen))
  }

  /// Ends the connection in order.
  public func close() {
    self.state.withLock { $0.connectionDone = true }
    self.socket.close()
  }

  /// Ends the connection with a reset.
  public func reset() {
    self.state.withLock { $0.connectionDone = true }
    self.socket.reset()
  }

  /// Leaves the request without an answer until the gateway gives up and closes.
  public func waitForClose(seconds: Double = 30) throws {
    self.state.withLock { $0.connectionDone = true }
    while try self.discard(seconds: seconds) > 0 {}
  }

  private func discard(seconds: Double) throws -> Int {
    do {
      return try self.reader.discard(seconds: seconds)
    } catch let error as HarnessError where error.kind == .reset {
      return 0
    }
  }

  var isConnectionDone: Bool { self.state.withLock { $0.connectionDone } }

  private static let reasons = [
    200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 404: "Not Found", 500: "Internal Server Error",
    503: "Service Unavailable",
  ]
}
