// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonEngine
import GibbonHTTP1
import GibbonTesting
import Testing

/// Limits that a reload changes hold for the next request, on objects that were used before as well.
@Suite struct ReloadedLimitTests {
  private static let plain = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"

  private static func trailers(_ count: Int) -> String {
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
      + "X-Long: \(String(repeating: "x", count: count))\r\n\r\n"
  }

  private func status(_ fixture: EngineFixture, _ request: String) throws -> Int {
    let client = try fixture.client()
    defer { client.close() }
    try client.send(request)
    return try client.response().status
  }

  @Test(arguments: [(8192, 20_000, 10_000), (20_000, 8192, 10_000)])
  func bodiesAreReadWithTheNewOnes(before: Int, after: Int, size: Int) throws {
    let fixture = try EngineFixture(settings: { $0.downstream.headLimits.trailerBytes = before })
    // Both loops have used an exchange.
    for _ in 0..<40 { #expect(try self.status(fixture, Self.plain) == 200) }
    for _ in 0..<10 { #expect(try self.status(fixture, Self.trailers(size)) == (size < before ? 200 : 400)) }
    var settings = fixture.settings
    settings.downstream.headLimits.trailerBytes = after
    try fixture.engine.use(settings)
    for _ in 0..<40 { #expect(try self.status(fixture, Self.trailers(size)) == (size < after ? 200 : 400)) }
  }

  @Test func responsesAreReadWithTheNewOnes() throws {
    let body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    let fixture = try EngineFixture { exchange in
      let end = exchange.target == "/long" ? "X-Long: \(String(repeating: "x", count: 40_000))\r\n" : ""
      try exchange.send("\(body)2\r\nok\r\n0\r\n\(end)\r\n")
      if !end.isEmpty { exchange.close() }
    }
    func isWhole() throws -> Bool {
      String(decoding: try self.raw(fixture), as: UTF8.self).hasSuffix("0\r\n\r\n")
    }
    for _ in 0..<20 { #expect(try fixture.send().status == 200) }
    for _ in 0..<5 { #expect(try !isWhole()) }
    var settings = fixture.settings
    settings.upstream.headLimits.trailerBytes = 50_000
    try fixture.engine.use(settings)
    for _ in 0..<20 { #expect(try isWhole()) }
  }

  private func raw(_ fixture: EngineFixture) throws -> [UInt8] {
    let client = try fixture.client()
    defer { client.close() }
    try client.request("GET", "/long", headers: [("Connection", "close")])
    return try client.reader.readToEnd(acceptingReset: true)
  }
}
