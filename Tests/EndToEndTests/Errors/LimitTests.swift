// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Limits on what a client may send, with nginx's names and Kong's answers.
@Suite struct LimitTests {
  private static let shared = Result {
    try Fixture(settings: ["nginx_http_client_max_body_size": "1k"])
  }

  private func firstLine(_ response: Response) -> String {
    String(response.text.split(separator: "\n").first ?? "")
  }

  /// The gateway may answer before it has read all, and then closes; what cannot be sent any more is of no interest.
  private func answer(to request: String) throws -> Response {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try? client.send(request)
    let response = try client.response()
    #expect(try client.isClosedByPeer())
    return response
  }

  @Test func requestLineBeyondABufferIs414() throws {
    let response = try self.answer(to: "GET /\(String(repeating: "a", count: 8300)) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(response.status == 414)
    #expect(self.firstLine(response) == "URI too long")
  }

  @Test func headerLineBeyondABufferIs400() throws {
    let value = String(repeating: "v", count: 8300)
    let response = try self.answer(to: "GET / HTTP/1.1\r\nHost: a\r\nX-Big: \(value)\r\n\r\n")
    #expect(response.status == 400)
    #expect(self.firstLine(response) == "Request header or cookie too large")
  }

  @Test func headersBeyondAllBuffersAre400() throws {
    let lines = (0..<12).map { "X-\($0): \(String(repeating: "v", count: 4000))\r\n" }.joined()
    let response = try self.answer(to: "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
    #expect(response.status == 400)
    #expect(self.firstLine(response) == "Request header or cookie too large")
  }

  @Test func headersJustBelowTheLimitsPass() throws {
    let value = String(repeating: "v", count: 7900)
    let path = String(repeating: "p", count: 7900)
    let response = try Self.shared.get().gateway.get("/\(path)?q", headers: [("X-Big", value), ("X-More", value)])
    #expect(response.status == 200)
    #expect(try response.echo().head["X-Big"] == value)
  }

  @Test func declaredBodyBeyondTheLimitIs413() throws {
    let response = try self.answer(to: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1025\r\n\r\n")
    #expect(response.status == 413)
    #expect(self.firstLine(response) == "Payload too large")
  }

  @Test func chunkedBodyBeyondTheLimitIs413() throws {
    let chunk = "200\r\n\(String(repeating: "x", count: 512))\r\n"
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)\(chunk)")
    #expect(try client.response().status == 413)
  }

  @Test func bodyOfExactlyTheLimitPasses() throws {
    let body = String(repeating: "x", count: 1024)
    #expect(try Self.shared.get().gateway.send("POST", "/", body: body).echo().rest == body)
  }

  @Test func zeroMeansNoLimit() throws {
    let fixture = try Fixture()
    let body = String(repeating: "x", count: 3_000_000)
    #expect(try fixture.gateway.send("POST", "/", body: body).echo().rest.utf8.count == body.utf8.count)
  }

  @Test func clientThatNeverFinishesItsHeadIsTimedOut() throws {
    let fixture = try Fixture(settings: ["nginx_http_client_header_timeout": "1s"])
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("GET / HTTP/1.1\r\nHost: slow")
    let answer = try client.reader.readToEnd(acceptingReset: true)
    let text = String(decoding: answer, as: UTF8.self)
    #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 408 "))
    #expect(fixture.origin.requests.isEmpty)
  }
}
