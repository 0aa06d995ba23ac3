// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/debug/node/log-level`, `/cache` and `/explain`.
@Suite(.serialized) struct AdminDebugTests {
  private static let shared = Result { try GatewayProcess(administered: nil, settings: ["log_level": "notice"]) }

  private func send(_ method: String, _ target: String, _ body: AdminBody = .none) throws -> AdminReply {
    try Self.shared.get().admin(method, target, body)
  }

  private func level() throws -> JSON { try self.send("GET", "/debug/node/log-level").json["message"] }

  @Test func theLevelIsSetForAWhile() throws {
    #expect(try self.level() == "log level: notice")
    expect(try self.send("PUT", "/debug/node/log-level/debug"), 200, ["message": "log level changed"])
    #expect(try self.level() == "log level: debug")
    #expect(try self.send("GET", "/").json["configuration"]["log_level"] == "debug")
    expect(try self.send("PUT", "/debug/node/log-level/debug"), 200, ["message": "log level is already debug"])
    expect(try self.send("PUT", "/debug/node/log-level/notice", .form("timeout=5")), 200)
    expect(try self.send("PUT", "/debug/node/log-level/error?timeout=1"), 200)
    try Deadline.wait(for: "the level to fall back") { try self.level() == "log level: notice" }
  }

  @Test func badLevelIsRefused() throws {
    expect(
      try self.send("PUT", "/debug/node/log-level/stderr"), 400, ["message": "unknown log level: stderr"])
    expect(
      try self.send("PUT", "/debug/node/log-level/info?timeout=-1"), 400,
      ["message": "timeout must be greater than or equal to 0"])
    #expect(try self.level() == "log level: notice")
  }

  @Test func credentialsAreCachedUntilForgotten() throws {
    let gateway = try Self.shared.get()
    try gateway.create("/routes", ["paths": ["/cached"], "name": "cached"])
    try gateway.create("/routes/cached/plugins", ["name": "key-auth"])
    try gateway.create("/consumers", ["username": "cached"])
    let credential = try gateway.create("/consumers/cached/key-auth", ["key": "cached-key"])
    let key = "/cache/keyauth_credentials:cached-key"
    // Without a service the plugin lets through, and nothing is there to answer.
    #expect(try gateway.get("/cached", headers: [("apikey", "cached-key")]).status == 503)
    let cached = try self.send("GET", key)
    expect(cached, 200)
    #expect(cached.id == credential.id)
    expect(try self.send("DELETE", key), 204)
    expect(try self.send("GET", key), 404, AdminError.notFound)
    #expect(try gateway.get("/cached", headers: [("apikey", "cached-key")]).status == 503)
    expect(try self.send("DELETE", "/cache"), 204)
    expect(try self.send("GET", key), 404, AdminError.notFound)
    expect(try self.send("GET", "/cache/nothing"), 404, AdminError.notFound)
    expect(try self.send("DELETE", "/cache/nothing"), 204)
  }

  @Test func aRouteIsExplained() throws {
    let gateway = try Self.shared.get()
    try gateway.create("/routes", ["name": "explained", "paths": ["/explained"], "methods": ["POST"]])
    let query = try self.send("GET", "/explain?url=http%3A%2F%2Fa.test%2Fexplained%2Fx&method=POST")
    expect(query, 200)
    #expect(query.text.contains("\"explained\""))
    #expect(query.json["matched"] != nil && query.json["matched"] != .missing)
    let body = try self.send(
      "POST", "/explain", .json(["url": "http://a.test/explained", "method": "GET", "headers": ["x-a": "1"]]))
    expect(body, 200)
    #expect(body.json["matched"] == nil)
    for bad in [AdminBody.json([:]), .json(["url": "no url"]), .none] {
      let reply = try self.send("POST", "/explain", bad)
      expect(reply, 400)
      #expect(reply.json["fields"]["url"].string != nil)
    }
  }
}
