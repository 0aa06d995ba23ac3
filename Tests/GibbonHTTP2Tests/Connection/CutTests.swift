// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP2
import Testing

/// How the input is cut into reads changes nothing but where content is cut.
@Suite struct CutTests {
  @Test(arguments: Self.conversations)
  func meansTheSameHoweverItIsCut(_ role: HTTP2Role, _ input: [UInt8]) {
    let whole = Self.run(role, input, cuts: [])
    #expect(!whole.isEmpty)
    #expect(Self.run(role, input, cuts: Array(1..<input.count)) == whole)
    for cut in 1..<input.count {
      #expect(Self.run(role, input, cuts: [cut]) == whole, "cut at \(cut)")
    }
  }

  /// The log of one endpoint, and what it sent but for window updates, which depend on when content came.
  private static func run(_ role: HTTP2Role, _ input: [UInt8], cuts: [Int]) -> [String] {
    var endpoint = Endpoint(role)
    if role == .client {
      for _ in 0..<3 { endpoint.open() }
    }
    var start = 0
    for end in cuts + [input.count] {
      endpoint.feed(Array(input[start..<end]))
      start = end
    }
    return endpoint.log + endpoint.sent().filter { !$0.hasPrefix("WINDOW_UPDATE") }
  }

  static let conversations: [(HTTP2Role, [UInt8])] = [
    (.server, Self.requests.bytes), (.server, Self.wrong.bytes), (.client, Self.responses.bytes),
    (.client, Self.refusals.bytes),
  ]

  private static let requests = Wire.client.settings([(4, 100), (5, 20_000)])
    .frame(1, flags: 0x2D, stream: 1, [2, 0x80, 0, 0, 3, 7] + Wire.block(Wire.get) + [0, 0])
    .frame(1, flags: 0, stream: 3, Wire.block(Array(Wire.post.prefix(2))))
    .frame(9, flags: 0, stream: 3).frame(9, flags: 4, stream: 3, Wire.block(Array(Wire.post.dropFirst(2))))
    .data(3, "hello", padding: 4).ping().data(3, "").data(3, " world").window(1, 10).window(0, 10)
    .frame(0x33, stream: 9, [1, 2, 3]).headers(3, [("grpc-status", "0"), ("content-length", "1")])
    .headers(5, Wire.post + [("content-length", "4")], end: false).data(5, "four", end: true, padding: 2)
    .headers(7, Wire.post, end: false).data(7, "", end: true, padding: 1).reset(5).goAway(0).settings(flags: 1)

  private static let wrong = Wire.client.headers(1, Wire.get + [("connection", "a")]).data(1, "dropped")
    .headers(3, Wire.post + [("content-length", "3")], end: false).data(3, "four").data(3, "more", padding: 3)
    .headers(5, Wire.post + [("content-length", "9")], end: false).data(5, "four", end: true).headers(5)
    .headers(7, Wire.get, end: true).data(7, "after").headers(9).frame(4, [0, 0, 0])

  private static let responses = Wire.server.headers(1, [(":status", "103"), ("link", "x")], end: false)
    .headers(1, Wire.ok + [("content-length", "2")], end: false).data(1, "ok", end: true).headers(
      3, Wire.ok, end: false
    )
    .data(3, "a", padding: 0).headers(3, [("grpc-status", "0")]).headers(5, [(":status", "204")])

  private static let refusals = Wire.server.reset(3, 7).headers(1, Wire.ok, end: false).goAway(1).ping(flags: 1)
    .data(1, "x", end: true).frame(5, stream: 1, [0, 0, 0, 2])
}
