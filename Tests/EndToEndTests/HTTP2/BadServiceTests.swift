// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Services that break the rules of HTTP/2, or ask too much of them: each costs its own request and no other.
@Suite struct BadServiceTests {
  private let service: BadHTTP2Service
  private let gateway: GatewayProcess

  init() throws {
    self.service = try BadHTTP2Service()
    self.gateway = try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - name: s
        url: grpc://127.0.0.1:\(self.service.port)
        read_timeout: 1000
        write_timeout: 1000
        routes: [{name: r, protocols: [grpc, grpcs], paths: [/bad.Service]}]
      """,
      settings: ["proxy_listen": "127.0.0.1:@PORT@ http2"])
  }

  static let answered = "200, 2 bytes, grpc-status 0, end"
  static let refused = "502 grpc-status 13, end"
  static let tooLate = "504 grpc-status 4, end"
  /// The head had gone on before.
  static let brokenOff = "200, RST_STREAM INTERNAL_ERROR"

  private func ask(_ behaviours: [String], body: Int = 0) throws -> [String] {
    let paths = behaviours.map { "/bad.Service/\($0)" }
    let result = try Peers.run(
      "http2_ask.py", ["127.0.0.1", "\(self.gateway.port)", "--body", "\(body)"] + paths, in: self.gateway.folder)
    #expect(result.code == 0, "\(result.all)")
    return result.output.split(separator: "\n").map(String.init)
  }

  /// Each is followed by an honest one, which must not notice. No service costs more memory than its limits say.
  private func expect(_ expected: String, from behaviours: [String], body: Int = 0) throws {
    _ = try self.ask(["honest"])
    let before = ProcessMemory.resident(of: self.gateway.processID)
    for behaviour in behaviours {
      let lines = try self.ask([behaviour, "honest"], body: body)
      #expect(lines == ["\(behaviour): \(expected)", "honest: \(Self.answered)"], "with a body of \(body) bytes")
    }
    #expect(ProcessMemory.peak(of: self.gateway.processID) - before < 32 << 20)
    #expect(self.gateway.exitCode == nil)
  }

  @Test(arguments: [0, 1000]) func whatIsInOrderGoesThrough(body: Int) throws {
    try self.expect(
      Self.answered,
      from: ["goaway_with_answer", "goaway_first", "refused_first", "early_answer", "trailers_twice"], body: body)
    try self.expect("103, 103, 103, \(Self.answered)", from: ["interim_heads"], body: body)
  }

  @Test func floodsEndTheConnection() throws {
    try self.expect(Self.refused, from: ["ping_flood", "settings_flood", "continuation_flood"])
    try self.expect(Self.brokenOff, from: ["empty_data_for_ever"])
  }

  /// The stream is reset, and the connection ended once too much came for it: requests that came between go down too.
  @Test func contentBeyondTheWindowEndsTheConnection() throws {
    #expect(try self.ask(["data_beyond_window"]) == ["data_beyond_window: \(Self.brokenOff)"])
    try Deadline.wait(for: "the service to be of use again") {
      try self.ask(["honest"]) == ["honest: \(Self.answered)"]
    }
    #expect(self.gateway.exitCode == nil)
  }

  /// As many as the limit are passed on.
  @Test func interimHeadsEnd() throws {
    let heads = Array(repeating: "103, ", count: 16).joined()
    try self.expect(heads + Self.refused, from: ["interim_for_ever"])
  }

  @Test func headsAreJudged() throws {
    try self.expect(
      Self.refused,
      from: ["huge_head", "without_status", "switching_protocols", "line_break_in_value", "bad_hpack", "push_promise"])
    try self.expect(Self.brokenOff, from: ["head_repeated", "trailers_without_end"])
  }

  @Test func requestsThatAreNeverTakenAreGivenUp() throws {
    try self.expect(Self.refused, from: ["goaway_always", "refused_always", "reset_before_head"])
  }

  @Test func contentIsWholeOrBrokenOff() throws {
    try self.expect(
      Self.brokenOff,
      from: ["data_beyond_length", "data_below_length", "frame_too_large", "reset_after_head", "closed_after_head"])
    try self.expect(Self.refused, from: ["data_before_head", "data_on_idle_stream"])
  }

  /// The larger bodies are more than the service's windows let through.
  @Test(arguments: [0, 1000, 70_000, 200_000]) func silenceHasAnEnd(body: Int) throws {
    try self.expect(Self.tooLate, from: ["silent", "window_zero"], body: body)
  }
}
