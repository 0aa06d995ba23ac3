// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// What the log phase is told of a finished request.
@Suite struct OutcomeTests {
  /// An outcome, copied out of the phase.
  private struct Seen: Sendable {
    var status: UInt16
    var requestSize: UInt64
    var responseSize: UInt64
    var latencies: RequestLatencies
    var upstreamURI: String
    var upstreamStatus: String
    var tries: [UpstreamTry]?
    var source: String
    var startedAt: UInt64
    var headers: [String: [String]]

    init(_ context: RequestContext) {
      let outcome = context.outcome
      self.status = context.response.status
      self.requestSize = outcome.requestSize
      self.responseSize = outcome.responseSize
      self.latencies = outcome.latencies
      self.upstreamURI = outcome.upstreamURI
      self.upstreamStatus = outcome.upstreamStatus
      self.tries = outcome.tries
      self.source = outcome.source.rawValue
      self.startedAt = outcome.startedAtMilliseconds
      self.headers = Dictionary(grouping: outcome.responseHeaders) { $0.name }.mapValues { $0.map(\.value) }
    }
  }

  private static func watching(_ box: Box<Seen>, access: Script.Deciding? = nil) -> PluginSlot {
    Script(access: access, log: { box.put(Seen($0)) }).slot
  }

  // MARK: Sizes

  static let requests = [
    "GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
  ]

  @Test(arguments: Self.requests, [1, 7, 4096]) func sizesAreThoseOnTheWire(request: String, piece: Int) throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture([Self.watching(box)])
    let client = try fixture.client()
    var rest = request.utf8.map { $0 }[...]
    while !rest.isEmpty {
      try client.send(Array(rest.prefix(piece)))
      rest = rest.dropFirst(piece)
    }
    let answer = try client.reader.readToEnd()
    let seen = try box.take()
    #expect(seen.status == 200)
    #expect(seen.requestSize == UInt64(request.utf8.count))
    #expect(seen.responseSize == UInt64(answer.count))
  }

  @Test func aChunkedAnswerCountsWithItsFraming() throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture([Self.watching(box)]) { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    }
    let answer = try fixture.raw(Self.requests[0])
    #expect(answer.hasSuffix("3\r\nabc\r\n0\r\n\r\n"))
    #expect(try box.take().responseSize == UInt64(answer.utf8.count))
  }

  @Test func everyRequestOfAConnectionIsCountedByItself() throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture([Self.watching(box)])
    let client = try fixture.client()
    try client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /22 HTTP/1.1\r\nHost: x\r\n\r\n")
    for path in ["/1", "/22"] {
      let response = try client.response()
      let seen = try box.take()
      #expect(seen.requestSize == UInt64("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8.count))
      #expect(seen.responseSize == UInt64(response.head.raw.count + response.body.count))
      #expect(seen.upstreamURI == path)
      #expect(seen.tries?.count == 1)
    }
  }

  // MARK: Who answered

  @Test func aProxiedRequest() throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture([Self.watching(box)]) {
      try $0.respond(201, headers: [("X-A", "1"), ("X-A", "2")])
    }
    let response = try fixture.send("GET", "/p%20q?a=%31")
    let seen = try box.take()
    #expect(seen.status == 201 && seen.source == "upstream" && seen.upstreamStatus == "201")
    #expect(seen.upstreamURI == "/p%20q?a=%31")
    #expect(seen.latencies.proxy >= 0 && seen.latencies.kong >= 0 && seen.latencies.receive >= 0)
    #expect(seen.latencies.request >= seen.latencies.proxy)
    #expect(seen.startedAt > 1_700_000_000_000)
    let last = try #require(seen.tries?.last)
    #expect(last.address == .loopbackV4 && Int(last.port) == fixture.origin.port)
    #expect(last.status == 201 && !last.hasFailed)
    #expect(last.startedMicroseconds / 1000 >= seen.startedAt)
    #expect(seen.headers["X-A"] == ["1", "2"])
    #expect(seen.headers["X-Kong-Upstream-Latency"] == [response["X-Kong-Upstream-Latency"] ?? "none"])
    #expect(seen.headers["Content-Length"] == ["0"])
  }

  @Test func anAnswerOfTheGateway() throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture([
      Self.watching(box) { context in
        context.response.setHeader("X-Edited", "yes")
        return .respond(.message(status: 403, "no", headers: [("X-Mine", "1")]))
      }
    ])
    let response = try fixture.send("GET", "/x")
    let seen = try box.take()
    #expect(seen.status == 403 && seen.source == "kong" && seen.upstreamStatus.isEmpty)
    #expect(seen.upstreamURI == "/x" && seen.tries == [])
    #expect(seen.latencies.proxy == -1 && seen.latencies.receive == 0 && seen.latencies.kong >= 0)
    #expect(seen.headers["X-Mine"] == ["1"] && seen.headers["X-Edited"] == ["yes"])
    #expect(seen.headers["X-Kong-Response-Latency"] == [response["X-Kong-Response-Latency"] ?? "none"])
    #expect(seen.responseSize == UInt64(response.head.raw.count + response.body.count))
  }

  @Test func withoutARouteThereAreNoTries() throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture(global: [Self.watching(box)], path: "/other")
    #expect(try fixture.send("GET", "/x").status == 404)
    let seen = try box.take()
    #expect(seen.status == 404 && seen.source == "kong" && seen.tries == nil && seen.upstreamURI.isEmpty)
  }

  @Test func whatIsRefusedAtOnceIsLoggedToo() throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture(global: [Self.watching(box)])
    #expect(try fixture.send("TRACE", "/x").status == 405)
    #expect(try box.take().status == 405)
    _ = try fixture.raw("BAD\r\n\r\n")
    let seen = try box.take()
    #expect(seen.status == 400 && seen.requestSize == 7)
  }

  // MARK: Tries

  @Test func everyFailedTryIsListed() throws {
    let box = Box<Seen>()
    let closed = try ListeningSocket(backlog: nil)
    let fixture = try EngineFixture([
      Self.watching(box) { context in
        context.serviceRequest.setTarget(host: "127.0.0.1", port: UInt16(closed.port))
        return .next
      }
    ])
    #expect(try fixture.send().status == 502)
    let seen = try box.take()
    #expect(seen.tries?.count == 6)
    #expect(seen.tries?.allSatisfy { $0.hasFailed && $0.status == 502 && Int($0.port) == closed.port } == true)
    #expect(seen.upstreamStatus == Array(repeating: "502", count: 6).joined(separator: ", "))
    #expect(seen.source == "kong" && seen.latencies.proxy >= 0 && seen.latencies.receive == 0)
  }

  @Test func aTryThatIsRepeatedIsFollowedByTheOneThatWorked() throws {
    let box = Box<Seen>()
    let first = Journal()
    let fixture = try EngineFixture([Self.watching(box)]) { exchange in
      guard !first.lines.isEmpty else {
        first.note("broken off")
        return exchange.reset()
      }
      try exchange.respond(200)
    }
    #expect(try fixture.send().status == 200)
    let seen = try box.take()
    #expect(seen.upstreamStatus == "502, 200")
    #expect(seen.tries?.map(\.hasFailed) == [true, false])
  }

  @Test func aClientThatLeavesIsLoggedWithAnOpenTry() throws {
    let box = Box<Seen>()
    let fixture = try EngineFixture([Self.watching(box)]) { try $0.waitForClose() }
    let client = try fixture.client()
    try client.request("GET", "/")
    try fixture.origin.waitForRequests(1)
    client.close()
    let seen = try box.take()
    #expect(seen.status == 499 && seen.upstreamStatus == "-" && seen.responseSize == 0)
    #expect(seen.headers.isEmpty && seen.latencies.proxy >= 0)
  }

  /// Requests without a plugin that logs keep nothing.
  @Test func withoutALogPhaseNothingIsKept() throws {
    let box = Box<Int>()
    let fixture = try EngineFixture([Script(headerFilter: { box.put($0.outcome.tries?.count ?? -1) }).slot])
    #expect(try fixture.send().status == 200)
    #expect(try box.take() == 0)
  }
}
