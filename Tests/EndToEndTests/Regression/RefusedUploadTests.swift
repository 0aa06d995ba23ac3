// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Refused uploads and answers before the upload ended leave nothing behind that another client could meet. One loop,
/// so that every client shares its exchanges and its pool.
@Suite struct RefusedUploadTests {
  private static func declarative(port: Int) -> String {
    """
    _format_version: "3.0"
    services:
    - name: origin
      url: http://127.0.0.1:\(port)
      routes:
      - {name: open, paths: [/up], strip_path: false, request_buffering: false}
      - name: guarded
        paths: [/key]
        plugins:
        - {name: key-auth, config: {key_in_body: true}}
    """
  }

  private static let answerEarly: Origin.Handler = { exchange in
    guard exchange.target == "/up/early" else { return try exchange.echo() }
    // The harness goes on to read the body that was announced, as any honest server does.
    try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
  }

  private func fixture() throws -> Fixture {
    try Fixture(
      declarative: Self.declarative,
      settings: ["nginx_worker_processes": "1", "nginx_http_client_body_buffer_size": "8k"], handler: Self.answerEarly)
  }

  /// Larger than the gateway reads for a plugin.
  enum Upload: CaseIterable {
    case form, json, plain, oneChunk, twoChunks

    /// From after the Host on.
    var text: String {
      let large = String(repeating: "x", count: 9000)
      let known = "Content-Length: 9000\r\n\r\n\(large)"
      let chunk = "2328\r\n\(large)\r\n"
      return switch self {
      case .form: "Content-Type: application/x-www-form-urlencoded\r\n" + known
      case .json: "Content-Type: application/json\r\n" + known
      case .plain: known
      case .oneChunk: "Transfer-Encoding: chunked\r\n\r\n" + chunk + "0\r\n\r\n"
      case .twoChunks: "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n"
      }
    }
  }

  /// A client that was just refused, its connection still open.
  private func refusedClient(_ fixture: Fixture, _ upload: Upload) throws -> RawClient {
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST /key HTTP/1.1\r\nHost: a\r\n\(upload.text)")
    let response = try client.response()
    #expect(response.status == 401)
    #expect(response.text.contains("No API key found in request"))
    return client
  }

  @Test(arguments: Upload.allCases) func nextClientsUploadIsWhole(upload: Upload) throws {
    let fixture = try self.fixture()
    for round in 1...3 {
      let refused = try self.refusedClient(fixture, upload)
      let victim = try RawClient(port: fixture.gateway.port)
      try victim.send("POST /up/victim HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      try fixture.origin.waitForRequests(round)
      try victim.send("5\r\nhello\r\n0\r\n\r\n")
      let echo = try victim.response().echo()
      #expect(echo.head.startLine == "POST /up/victim HTTP/1.1")
      #expect(echo.rest == "hello")
      refused.close()
    }
    #expect(fixture.origin.failures == [])
    #expect(!fixture.origin.requests.contains { $0.word(1) != "/up/victim" })
  }

  @Test(arguments: Upload.allCases) func refusedClientsNextRequestIsItsOwn(upload: Upload) throws {
    let fixture = try self.fixture()
    let client = try self.refusedClient(fixture, upload)
    try client.request("POST", "/up/next", body: Array("ok".utf8))
    let echo = try client.response().echo()
    #expect(echo.head.startLine == "POST /up/next HTTP/1.1")
    #expect(echo.rest == "ok")
  }

  @Test func anUpstreamThatWaitsForABodyServesNobodyElse() throws {
    let fixture = try self.fixture()
    let refused = try self.refusedClient(fixture, .form)
    for _ in 0..<3 {
      let attacker = try RawClient(port: fixture.gateway.port)
      try attacker.send("POST /up/early HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n")
      #expect(try attacker.response().text == "early")
      let victim = try fixture.gateway.get("/up/victim", headers: [("Cookie", "secret=1")])
      #expect(try victim.echo().head.startLine == "GET /up/victim HTTP/1.1")
      #expect(try victim.echo().head["Cookie"] == "secret=1")
      attacker.close()
    }
    let seen = fixture.origin.requests.map { $0.word(1) }
    #expect(seen == ["/up/early", "/up/victim", "/up/early", "/up/victim", "/up/early", "/up/victim"])
    refused.close()
  }

  /// The gateway drops what nobody wants for as long as it keeps coming: five seconds without a byte would end it,
  /// five seconds of slow upload do not.
  @Test func slowUploadAfterTheAnswerKeepsTheConnection() throws {
    let fixture = try self.fixture()
    let client = try RawClient(port: fixture.gateway.port)
    try client.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 6144\r\n\r\n")
    #expect(try client.response().status == 404)
    for _ in 0..<6 {
      try? Gate().wait(seconds: 1)
      try client.send([UInt8](repeating: 120, count: 1024))
    }
    try client.request("GET", "/up/next")
    #expect(try client.response().echo().head.startLine == "GET /up/next HTTP/1.1")
  }
}
