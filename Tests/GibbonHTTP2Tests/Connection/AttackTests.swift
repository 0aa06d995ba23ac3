// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP2
import Testing

/// The attacks on HTTP/2 that a connection must bound, by the rows of the list in `docs/http2.md`, each with the limit
/// that does it. What an honest peer may do stays possible.
@Suite struct AttackTests {
  private func server(_ change: (inout HTTP2Limits) -> Void = { _ in }) -> Endpoint {
    var limits = HTTP2Limits()
    change(&limits)
    var server = Endpoint(.server, limits)
    server.feed(Wire.client)
    _ = server.sent()
    return server
  }

  private func expectCalm(_ endpoint: Endpoint, _ limit: StaticString) {
    #expect(endpoint.log.last == "closed ENHANCE_YOUR_CALM")
    #expect(endpoint.connection.failure.map { "\($0.reason)" } == "\(limit)")
  }

  /// Feeds until the connection has ended; how often it could.
  private func feed(_ endpoint: inout Endpoint, most: Int, _ wire: (Int) -> Wire) -> Int {
    for round in 0..<most {
      endpoint.feed(wire(round))
      _ = endpoint.sent()
      if endpoint.connection.failure != nil { return round }
    }
    return most
  }

  @Test func row1WindowsOfOneByte() {
    var server = self.server { $0.overheadBytes = HTTP2Budget(burst: 10_000, perSecond: 1000) }
    server.feed(Wire().settings([(4, 0)]).headers(1))
    server.respond(0)
    var rounds = 0
    while server.connection.failure == nil, rounds < 10_000 {
      rounds += 1
      server.feed(Wire().window(1, 1))
      server.write(0, Array(repeating: 97, count: 100))
      _ = server.sent()
    }
    self.expectCalm(server, "overheadBytes")
    #expect(rounds < 3000)
  }

  @Test func row2PingsThatNobodyReads() {
    var server = self.server { $0.queuedFrames = 50 }
    server.feed(Wire().repeated(51) { wire, _ in wire.ping() })
    self.expectCalm(server, "queuedFrames")
    #expect(server.sent().count == 52)
  }

  @Test func row2And3And5ControlFrames() {
    let floods: [Wire] = [
      Wire().ping(), Wire().settings(), Wire().frame(2, stream: 1, [0, 0, 0, 0, 0]), Wire().frame(0x55),
      Wire().goAway(0),
    ]
    for flood in floods {
      var server = self.server { $0.controlFrames = HTTP2Budget(burst: 100, perSecond: 10) }
      #expect(self.feed(&server, most: 200) { _ in flood } <= 100)
      self.expectCalm(server, "controlFrames")
      var honest = self.server { $0.controlFrames = HTTP2Budget(burst: 100, perSecond: 10) }
      for _ in 0..<500 {
        honest.now += 100
        honest.feed(flood)
        _ = honest.sent()
      }
      #expect(honest.connection.failure == nil)
    }
  }

  @Test func row5ManySettingsAtOnce() {
    var server = self.server()
    server.feed(Wire().settings((0..<32).map { (0x1000 + $0, 1) }))
    #expect(server.connection.failure == nil)
    server.feed(Wire().settings((0..<33).map { (0x1000 + $0, 1) }))
    self.expectCalm(server, "settingsEntries")
  }

  @Test func row4And15ResetsThatThePeerProvokes() {
    let provocations: [(UInt32) -> Wire] = [
      { Wire().headers($0).window($0, 0) }, { Wire().headers($0, [(":method", "GET")]) },
      { Wire().headers($0).data($0, "late") }, { Wire().headers($0).window($0, 0x7FFF_FFFF) },
      { Wire().headers($0, Wire.post + [("content-length", "1")], end: false).data($0, "12") },
    ]
    for provocation in provocations {
      for isDraining in [false, true] {
        var server = self.server { $0.ownResets = HTTP2Budget(burst: 20, perSecond: 1) }
        if isDraining { server.connection.announceShutdown() }
        server.releases = true
        #expect(self.feed(&server, most: 100) { provocation(UInt32($0 * 2 + 1)) } == 20)
        self.expectCalm(server, "ownResets")
      }
    }
  }

  @Test func row15ResetsOfStreamsThatGoAwayLeftOut() {
    var server = self.server { $0.controlFrames = HTTP2Budget(burst: 20, perSecond: 1) }
    server.connection.stopAccepting()
    #expect(self.feed(&server, most: 100) { Wire().headers(UInt32($0 * 2 + 1)) } <= 20)
    self.expectCalm(server, "controlFrames")
  }

  @Test func row7AnswersWaitInBoundedMemory() {
    var server = self.server { $0.ownResets = HTTP2Budget(burst: 100_000, perSecond: 1) }
    for id in stride(from: UInt32(1), to: 100_000, by: 2) where server.connection.failure == nil {
      server.feed(Wire().headers(id, [(":method", "GET")]))
    }
    self.expectCalm(server, "queuedFrames")
    #expect(server.takeBytes().count < 20_000)
  }

  @Test func row8EmptyFrames() {
    var server = self.server { $0.emptyFrames = HTTP2Budget(burst: 50, perSecond: 1) }
    server.feed(Wire().headers(1, Wire.post, end: false))
    #expect(self.feed(&server, most: 100) { _ in Wire().data(1, "", padding: 0) } == 50)
    self.expectCalm(server, "emptyFrames")
    var other = self.server { $0.continuationFrames = 1000 }
    other.feed(Wire().frame(1, stream: 1))
    #expect(self.feed(&other, most: 1000) { _ in Wire().frame(9, stream: 1) } == 200)
    self.expectCalm(other, "emptyFrames")
  }

  @Test func row8PaddingAndTinyFrames() {
    var server = self.server { $0.overheadBytes = HTTP2Budget(burst: 100_000, perSecond: 1000) }
    server.feed(Wire().headers(1, Wire.post, end: false))
    #expect(self.feed(&server, most: 1000) { _ in Wire().data(1, "a", padding: 255) } < 400)
    self.expectCalm(server, "overheadBytes")
    var honest = self.server { $0.overheadBytes = HTTP2Budget(burst: 100_000, perSecond: 1000) }
    honest.feed(Wire().headers(1, Wire.post, end: false))
    // Messages of a few bytes, as gRPC streams them.
    #expect(self.feed(&honest, most: 20_000) { _ in Wire().data(1, "12345") } == 20_000)
  }

  @Test func row9And16ManyFieldsAndLargeOnes() {
    let crumbs = Wire.get + (0..<600).map { ("cookie", "c\($0)=") }
    var server = self.server()
    server.feed(Wire().headers(1, crumbs))
    #expect(server.log.last == "too large 1")
    #expect(server.connection.failure == nil)
    // Ninety crumbs are a browser's.
    server.feed(Wire().headers(3, Array(crumbs.prefix(94))))
    #expect(server.log.dropLast().last?.hasPrefix("request 3 GET / host a.test none cookie=c0=; c1=") == true)
    let large = Wire.get + (0..<5).map { ("x\($0)", String(repeating: "a", count: 2500)) }
    var small = self.server { $0.listBytes = 10_000 }
    small.feed(Wire().headers(1, large))
    #expect(small.log.last == "too large 1")
    small.feed(Wire().headers(3, Wire.post, end: false).headers(3, (0..<5).map { ("x\($0)", large[4].1) }))
    #expect(small.log.last == "reset 3 ENHANCE_YOUR_CALM")
  }

  @Test func row12ResetStreamsCountUntilTheirWorkEnds() {
    var server = self.server { $0.concurrentStreams = 10 }
    for index in 0..<10 { server.feed(Wire().headers(UInt32(index * 2 + 1)).reset(UInt32(index * 2 + 1))) }
    #expect(server.connection.streamCount == 10)
    server.feed(Wire().headers(21))
    #expect(server.sent() == ["RST_STREAM 21 REFUSED_STREAM"])
    server.connection.release(4)
    server.feed(Wire().headers(23))
    #expect(server.log.suffix(2) == ["request 23 GET / host a.test none", "end 23"])
  }

  @Test func row12RapidReset() {
    var server = self.server { $0.peerResets = HTTP2Budget(burst: 100, perSecond: 33) }
    server.releases = true
    #expect(self.feed(&server, most: 500) { Wire().headers(UInt32($0 * 2 + 1)).reset(UInt32($0 * 2 + 1)) } == 100)
    self.expectCalm(server, "peerResets")
    var honest = self.server { $0.peerResets = HTTP2Budget(burst: 100, perSecond: 33) }
    honest.releases = true
    for index in 0..<500 {
      honest.now += 100
      honest.feed(Wire().headers(UInt32(index * 2 + 1)).reset(UInt32(index * 2 + 1)))
    }
    #expect(honest.connection.failure == nil)
  }

  @Test func row13NothingIsLeftAfterResetAndGoAway() {
    var server = self.server()
    server.releases = true
    server.connection.announceShutdown()
    for index in 0..<100 {
      server.feed(Wire().headers(UInt32(index * 2 + 1), Wire.post, end: false).reset(UInt32(index * 2 + 1)).goAway(0))
    }
    server.connection.stopAccepting()
    #expect(server.connection.streamCount == 0 && server.connection.isDrained)
  }

  @Test func row14HeaderBlocksWithoutEnd() {
    var server = self.server()
    server.feed(Wire().frame(1, stream: 1))
    #expect(server.connection.isReadingHeaders)
    #expect(self.feed(&server, most: 100) { _ in Wire().frame(9, stream: 1, [0, 1, 97, 1, 98]) } == 16)
    self.expectCalm(server, "continuationFrames")
    var large = self.server()
    large.feed(Wire().frame(1, stream: 1))
    let frame = Array(repeating: UInt8(0), count: 16_384)
    #expect(self.feed(&large, most: 100) { _ in Wire().frame(9, stream: 1, frame) } == 4)
    self.expectCalm(large, "headerBlockBytes")
  }

  @Test func row21WhatAServiceMayNotDoToAGateway() {
    var client = Endpoint(.client)
    client.open()
    client.feed(Wire.server.repeated(17) { wire, _ in wire.headers(1, [(":status", "103")], end: false) })
    #expect(client.log.last == "reset 1 ENHANCE_YOUR_CALM")
    var limits = HTTP2Limits.client
    limits.controlFrames = HTTP2Budget(burst: 20, perSecond: 1)
    for flood in [Wire().ping(), Wire().settings(), Wire().goAway(1), Wire().frame(0x55)] {
      var other = Endpoint(.client, limits)
      other.open()
      other.feed(Wire.server)
      #expect(self.feed(&other, most: 100) { _ in flood } <= 20)
      self.expectCalm(other, "controlFrames")
    }
    limits.peerResets = HTTP2Budget(burst: 20, perSecond: 1)
    var resets = Endpoint(.client, limits)
    resets.open()
    resets.feed(Wire.server)
    #expect(self.feed(&resets, most: 100) { _ in Wire().reset(1) } <= 21)
    self.expectCalm(resets, "peerResets")
  }
}
