// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A service that lets a client write line feeds into a header or a body: what was made a second response by that never
/// answers another request.
@Suite struct LooseServiceTests {
  private static let forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"

  static let answers = [
    // The value of a field that reflects the request ends the head.
    "HTTP/1.1 200 OK\r\nX-Reflected: a\nContent-Length: 2\n\nok\(forged)",
    "HTTP/1.1 200 OK\r\nX-Reflected: a\nTransfer-Encoding: chunked\n\n2\r\nok\r\n0\r\n\r\n\(forged)",
    "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok\(forged)",
    "HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\(forged)",
    // The framing of the body does.
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n\(forged)",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\n0\r\n\r\n\(forged)",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\n\r\n\(forged)",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\n\(forged)",
  ]

  /// The forged response comes at once, or only when the connection could have been given to somebody else.
  @Test(arguments: Self.answers, [false, true]) func forgedResponseAnswersNobody(answer: String, isLate: Bool) throws {
    let fixture = try Fixture(settings: ["nginx_worker_processes": "1"]) { exchange in
      guard exchange.target == "/attack" else { return try exchange.echo() }
      guard isLate else { return try exchange.send(answer) }
      try exchange.send(String(answer.dropLast(Self.forged.count)))
      try exchange.waitForClose()
    }
    for _ in 0..<3 {
      let attacker = try RawClient(port: fixture.gateway.port)
      try attacker.request("GET", "/attack")
      #expect(try attacker.response().text == "ok")
      let victim = try RawClient(port: fixture.gateway.port)
      try victim.request("GET", "/victim")
      #expect(try victim.response().echo().head.word(1) == "/victim")
      // Nor does what was left become the attacker's own next answer.
      try attacker.request("GET", "/next")
      #expect(try attacker.response().echo().head.word(1) == "/next")
    }
  }

  /// Leniency is for services. From clients every one of these is refused.
  @Test(arguments: [
    "POST / HTTP/1.1\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\n\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2 junk\r\nok\r\n0\r\n\r\n",
  ])
  func clientsAreReadStrictly(request: String) throws {
    let fixture = try Fixture()
    let client = try RawClient(port: fixture.gateway.port)
    try client.send(request)
    #expect(try client.response().status == 400)
    #expect(try client.isClosedByPeer())
    #expect(fixture.origin.requests.isEmpty)
  }
}
