// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Which failed tries are repeated: nginx's `proxy_next_upstream error timeout`, `retries` further tries.
@Suite struct RetryTests {
  /// Closes without an answer for the first `failures` requests, then echoes.
  private func flaky(_ failures: Int, retries: Int) throws -> Fixture {
    try Fixture(service: "retries: \(retries)") { exchange in
      if exchange.connectionNumber > failures { return try exchange.echo() }
      _ = try exchange.readBody()
      exchange.close()
    }
  }

  @Test(arguments: ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]) func idempotentMethodIsTriedAgain(method: String) throws
  {
    let fixture = try self.flaky(2, retries: 2)
    let response = try fixture.gateway.send(method, "/x")
    #expect(response.status == 200)
    #expect(fixture.origin.requests.map { $0.word(0) } == [method, method, method])
  }

  @Test(arguments: ["POST", "PATCH", "LOCK"]) func otherMethodIsNotOnceItWasSent(method: String) throws {
    let fixture = try self.flaky(1, retries: 3)
    #expect(try fixture.gateway.send(method, "/x", body: "b").status == 502)
    #expect(fixture.origin.requests.count == 1)
  }

  @Test(arguments: [0, 1, 4]) func givesUpAfterTheRetries(retries: Int) throws {
    let fixture = try self.flaky(.max, retries: retries)
    #expect(try fixture.gateway.get().status == 502)
    #expect(fixture.origin.requests.count == retries + 1)
  }

  @Test func everyTryCarriesTheWholeBodyAndTheSameRequestID() throws {
    let fixture = try self.flaky(1, retries: 1)
    let response = try fixture.gateway.send("PUT", "/x", body: "the body")
    let echo = try response.echo()
    #expect(echo.rest == "the body")
    #expect(Set(fixture.origin.requests.compactMap { $0["X-Kong-Request-Id"] }).count == 1)
    #expect(response["X-Kong-Request-Id"] == echo.head["X-Kong-Request-Id"])
  }

  @Test func resetBeforeTheAnswerIsTriedAgain() throws {
    let fixture = try Fixture(service: "retries: 1") { exchange in
      if exchange.connectionNumber == 1 { exchange.reset() } else { try exchange.echo() }
    }
    #expect(try fixture.gateway.get().status == 200)
    #expect(fixture.origin.connectionCount == 2)
  }

  @Test func endWithinTheHeadIsTriedAgain() throws {
    let fixture = try Fixture(service: "retries: 1") { exchange in
      if exchange.connectionNumber > 1 { return try exchange.echo() }
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Le")
      exchange.close()
    }
    #expect(try fixture.gateway.get().status == 200)
    #expect(fixture.origin.connectionCount == 2)
  }

  @Test func silenceIsTriedAgainAndEndsIn504() throws {
    let fixture = try Fixture(service: "retries: 1\nread_timeout: 200") { try $0.waitForClose() }
    let response = try fixture.gateway.get("/", headers: [("Accept", "text/plain")])
    #expect(response.status == 504)
    #expect(response.text.hasPrefix("The upstream server is timing out\n"))
    #expect(fixture.origin.requests.count == 2)
  }

  @Test func silenceAfterAPostIsNotTriedAgain() throws {
    let fixture = try Fixture(service: "retries: 3\nread_timeout: 200") { try $0.waitForClose() }
    #expect(try fixture.gateway.send("POST", "/", body: "b").status == 504)
    #expect(fixture.origin.requests.count == 1)
  }

  @Test(arguments: [500, 502, 503, 504, 404, 429]) func errorStatusIsAnAnswer(status: Int) throws {
    let fixture = try Fixture(service: "retries: 5") { try $0.respond(status, body: "said") }
    let response = try fixture.gateway.get()
    #expect(response.status == status)
    #expect(response.text == "said")
    #expect(fixture.origin.requests.count == 1)
  }

  @Test func nothingIsTriedAgainOnceTheHeadWasPassedOn() throws {
    let fixture = try Fixture(service: "retries: 5") { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
      exchange.close()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    #expect(try client.reader.readHead().word(1) == "200")
    #expect(try client.reader.readToEnd(acceptingReset: true) == Array("half".utf8))
    #expect(fixture.origin.requests.count == 1)
  }

  /// The upstream may close a kept connection at the very moment a request goes out on it. That costs no retry.
  @Test func staleConnectionIsReplacedEvenWithoutRetries() throws {
    let fixture = try Fixture(
      service: "retries: 0", settings: ["nginx_worker_processes": "1"],
      handler: { exchange in
        if exchange.connectionNumber == 1, exchange.target == "/second" { return exchange.close() }
        try exchange.echo()
      })
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/first")
    #expect(try client.response().status == 200)
    try client.request("GET", "/second")
    #expect(try client.response().status == 200)
    #expect(fixture.origin.connectionCount == 2)
  }

  @Test(arguments: ["GET", "POST"]) func connectionClosedWhileIdleIsNotUsed(method: String) throws {
    let fixture = try Fixture(
      service: "retries: 0", settings: ["nginx_worker_processes": "1"],
      handler: { exchange in
        try exchange.echo()
        if exchange.target == "/first" { exchange.close() }
      })
    let client = try RawClient(port: fixture.gateway.port)
    try client.request(method, "/first", body: [1])
    #expect(try client.response().status == 200)
    try fixture.origin.waitForOpenConnections(0)
    try client.request(method, "/second", body: [1])
    #expect(try client.response().status == 200)
  }
}
