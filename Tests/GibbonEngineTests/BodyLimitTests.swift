// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Testing

/// Plugins that limit the request's body (`RequestView.limitBody`): it is counted while it streams.
@Suite struct BodyLimitTests {
  private static let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  /// Limits bodies, except of requests that ask for none; notes whether the limit was kept so far.
  private func limiting(to bytes: UInt64, _ journal: Journal = Journal(), wantsBody: Bool = false) -> PluginSlot {
    Script(
      wantsRequestBody: wantsBody,
      access: { context in
        if context.request.header("X-Unlimited") == nil { journal.note("\(context.request.limitBody(to: bytes))") }
        return .next
      }
    ).slot
  }

  private func chunked(_ sizes: Int...) -> String {
    let chunks = sizes.map { "\(String($0, radix: 16))\r\n\(String(repeating: "x", count: $0))\r\n" }
    return Self.head + chunks.joined() + "0\r\n\r\n"
  }

  @Test func aBodyUpToTheLimitPasses() throws {
    let journal = Journal()
    let fixture = try EngineFixture([self.limiting(to: 10, journal)])
    let client = try fixture.client()
    for request in [self.chunked(10), self.chunked(4, 6), self.chunked(1, 1, 1), self.chunked()] {
      try client.send(request)
      #expect(try client.response().status == 200)
      try client.send(parts: request.map { String($0) })
      #expect(try client.response().status == 200)
    }
    #expect(journal.lines == Array(repeating: "true", count: 8))
  }

  @Test func aLongerBodyEndsTheRequest() throws {
    let fixture = try EngineFixture([self.limiting(to: 10)])
    for request in [self.chunked(11), self.chunked(10, 1), self.chunked(4, 4, 4), self.chunked(200_000)] {
      let client = try fixture.client()
      try client.send(request)
      let response = try client.response()
      #expect(response.status == 413 && response.text.contains(#""message":"Request size limit exceeded""#))
      #expect(response["Connection"] == "close")
    }
    #expect(fixture.errorLog.contains("client intended to send too large chunked body: over 10 bytes"))
  }

  /// The service must not take what it got for all there is.
  @Test func theServiceSeesAnUnfinishedRequest() throws {
    let fixture = try EngineFixture([self.limiting(to: 10)])
    let client = try fixture.client()
    try client.send(Self.head + "4\r\nfour\r\n")
    try fixture.origin.waitForRequests(1)
    try client.send("7\r\nseven77\r\n")
    #expect(try client.response().status == 413)
    #expect(try client.isClosedByPeer())
    try fixture.origin.waitForOpenConnections(0)
    #expect(fixture.origin.failures.count == 1)
    // It is asked only once, and by nobody else over that connection.
    #expect(try fixture.send().status == 200)
    #expect(fixture.origin.connectionCount == 2 && fixture.origin.requests.count == 2)
  }

  /// Its answer has begun: there is no place for another one.
  @Test func anAnswerThatHasBegunBreaksOff() throws {
    let fixture = try EngineFixture([self.limiting(to: 10)]) { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
      try exchange.waitForClose()
    }
    let client = try fixture.client()
    try client.send(Self.head)
    #expect(try client.reader.readHead().word(1) == "200")
    try client.send("b\r\nelevenbytes\r\n")
    let rest = try client.reader.readToEnd(acceptingReset: true)
    #expect(String(decoding: rest, as: UTF8.self) == "he")
    try fixture.origin.waitForOpenConnections(0)
  }

  @Test func theSmallestLimitCounts() throws {
    for limits in [[10, 20], [20, 10]] as [[UInt64]] {
      let fixture = try EngineFixture(limits.map { self.limiting(to: $0) })
      #expect(try fixture.raw(self.chunked(11)).hasPrefix("HTTP/1.1 413"))
    }
  }

  @Test func nothingOfALimitSticksToTheNextRequest() throws {
    let fixture = try EngineFixture([self.limiting(to: 10)])
    let client = try fixture.client()
    let unlimited = self.chunked(5000).replacing("Host: a", with: "Host: a\r\nX-Unlimited: 1")
    for _ in 0..<3 {
      try client.send(self.chunked(10) + unlimited)
      #expect(try client.response().status == 200)
      #expect(try client.response().status == 200)
    }
  }

  /// A body that was read for another plugin has been counted already.
  @Test(arguments: [(10, "true", 200), (11, "false", 200), (9000, "false", 200)])
  func whatWasReadBeforeCounts(count: Int, isWithin: String, status: Int) throws {
    let journal = Journal()
    let fixture = try EngineFixture([self.limiting(to: 10, journal, wantsBody: true)])
    let client = try fixture.client()
    try client.send(self.chunked(count))
    #expect(try client.response().status == status)
    #expect(journal.lines == [isWithin])
  }

  /// Beyond what a plugin may see the body streams, and goes on being counted.
  @Test func whatStillComesIsCountedToo() throws {
    let fixture = try EngineFixture([self.limiting(to: 20_000, wantsBody: true)])
    let client = try fixture.client()
    try client.send(self.chunked(9000, 11_000))
    #expect(try client.response().status == 200)
    try client.send(self.chunked(9000, 11_001))
    #expect(try client.response().status == 413)
  }

  @Test func aBodyOfKnownLengthIsCountedToo() throws {
    let fixture = try EngineFixture([self.limiting(to: 10)])
    #expect(try fixture.send("POST", "/", body: "tenletters").status == 200)
    #expect(try fixture.send("POST", "/", body: "elevenbytes").status == 413)
    #expect(try fixture.send().status == 200)
  }
}
