// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A blocking HTTP client that says exactly the bytes it is told to.
public final class RawClient: Sendable {
  public let socket: Socket
  public let reader: MessageReader

  /// Connects to a port of this machine.
  public init(port: Int, host: String = "127.0.0.1", receiveBuffer: Int? = nil) throws {
    self.socket = try Socket.connect(port: port, host: host, receiveBuffer: receiveBuffer)
    self.reader = MessageReader(self.socket)
  }

  deinit { self.socket.close() }

  public func send(_ text: String) throws {
    try self.socket.send(Array(text.utf8))
  }

  public func send(_ bytes: [UInt8], seconds: Double = Deadline.defaultSeconds) throws {
    try self.socket.send(bytes, seconds: seconds)
  }

  /// Sends each part by itself; the kernel passes each on at once (no Nagle).
  public func send(parts: [String]) throws {
    for part in parts { try self.send(part) }
  }

  /// Sends a whole request. `Host: gateway.test` is added unless `headers` has a Host.
  public func request(
    _ method: String = "GET", _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
  ) throws {
    var text = "\(method) \(target) HTTP/1.1\r\n"
    if !headers.contains(where: { $0.0.lowercased() == "host" }) { text += "Host: gateway.test\r\n" }
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Length: \(body.count)\r\n" }
    try self.send(Array((text + "\r\n").utf8) + (body ?? []))
  }

  /// Reads the next final response, passing over 1xx.
  ///
  /// - Parameter method: of the request it answers; a HEAD has no body.
  public func response(to method: String = "GET", seconds: Double = Deadline.defaultSeconds) throws -> Response {
    while true {
      let head = try self.reader.readHead(seconds: seconds)
      let status = Int(head.word(1)) ?? 0
      if (100..<200).contains(status), status != 101 { continue }
      let (body, trailers) = try self.reader.readBody(framing(of: head, to: method), seconds: seconds)
      return Response(head: head, body: body, trailers: trailers)
    }
  }

  /// True when the gateway ends the connection without another byte.
  public func isClosedByPeer(seconds: Double = Deadline.defaultSeconds) throws -> Bool {
    try self.reader.isAtEnd(seconds: seconds)
  }

  public func close() { self.socket.close() }
}

/// How the body of the response `head` to a `method` request ends (RFC 9112 section 6.3).
public func framing(of head: MessageHead, to method: String) -> MessageReader.Framing {
  let status = Int(head.word(1)) ?? 0
  if method == "HEAD" || status == 204 || status == 304 || (100..<200).contains(status) { return .none }
  if head.isChunked { return .chunked }
  if let count = head.contentLength { return .length(count) }
  return .untilClose
}
