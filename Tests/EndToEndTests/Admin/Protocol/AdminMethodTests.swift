// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Paths and methods (facts: admin-api.md 1; the notes, 15).
@Suite struct AdminMethodTests {
  private typealias Admin = AdminGateway

  static let unknown = [
    "/nope", "/services/x/nope", "/services/x/routes/y/z", "//services", "/servicesx", "/workspaces",
    "/consumer_groups", "/rbac/users", "/licenses", "/event-hooks", "/services/x//routes",
  ]

  @Test(arguments: Self.unknown, ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
  func unknownPathIsNotFound(path: String, method: String) throws {
    expect(try Admin.send(method, path), 404, AdminError.notFound)
  }

  @Test(arguments: [
    ("PUT", "/services"), ("PATCH", "/services"), ("DELETE", "/services"), ("POST", "/services/x"), ("POST", "/"),
    ("DELETE", "/status"), ("PUT", "/consumers/x/key-auth"), ("POST", "/endpoints"), ("PURGE", "/services"),
    ("GET", "/cache"), ("GET", "/schemas/services/validate"), ("PATCH", "/debug/node/log-level"),
  ]) func unknownMethodIsNotAllowed(method: String, path: String) throws {
    let reply = try Admin.send(method, path)
    expect(reply, 405, AdminError.notAllowed)
    #expect(reply["Allow"] == nil)
  }

  @Test(arguments: [
    ("/services", "GET, HEAD, OPTIONS, POST"), ("/services/x", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
    ("/", "GET, HEAD, OPTIONS"), ("/cache", "DELETE, OPTIONS"), ("/schemas/services/validate", "OPTIONS, POST"),
    ("/consumers/x/key-auth", "GET, HEAD, OPTIONS, POST"),
    ("/upstreams/x/targets/y", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
  ]) func optionsTellsTheMethods(path: String, methods: String) throws {
    let reply = try Admin.send("OPTIONS", path)
    expect(reply, 204)
    #expect(reply.text.isEmpty)
    #expect(reply["Allow"] == methods)
    #expect(reply["Access-Control-Allow-Methods"] == methods)
    #expect(reply["Access-Control-Allow-Headers"] == "Content-Type")
  }

  @Test(arguments: ["/", "/services", "/plugins/enabled", "/services/head-1", "/services/no-head-1", "/nope"])
  func headIsGetWithoutABody(path: String) throws {
    _ = try Admin.send("PUT", "/services/head-1", .json(["host": "h"]))
    let get = try Admin.send("GET", path)
    let head = try Admin.send("HEAD", path)
    #expect(head.status == get.status && head.text.isEmpty)
    #expect(head["Content-Type"] == get["Content-Type"])
    if path != "/services", path != "/services/head-1" { #expect(head["Content-Length"] == get["Content-Length"]) }
    #expect(head["Content-Length"] != nil)
  }

  @Test func slashAtTheEndDoesNotMatter() throws {
    expect(try Admin.send("GET", "/plugins/enabled/"), 200)
    expect(try Admin.send("PUT", "/services/slash/", .json(["host": "h"])), 200)
    expect(try Admin.send("GET", "/services/slash/"), 200)
    expect(try Admin.send("GET", "/services/slash/routes/"), 200)
  }

  @Test func aPathMayBeginWithTheWorkspace() throws {
    let reply = try Admin.send("PUT", "/default/services/in-workspace", .json(["host": "h"]))
    expect(reply, 200)
    expect(try Admin.send("GET", "/services/in-workspace"), 200, reply.json)
    expect(try Admin.send("GET", "/default/services/in-workspace"), 200, reply.json)
    expect(try Admin.send("POST", "/default/services", .json([:])), 400)
    for path in ["/foo/services", "/default/nope", "/default/default/services"] {
      expect(try Admin.send("GET", path), 404, AdminError.notFound)
    }
  }

  @Test func everyAnswerHasItsHeaders() throws {
    for (method, path, status) in [
      ("GET", "/", 200), ("GET", "/nope", 404), ("PUT", "/services", 405), ("OPTIONS", "/services", 204),
      ("POST", "/services", 400),
    ] {
      let reply = try Admin.send(method, path)
      #expect(reply.status == status)
      #expect(reply["Server"] == Wire.serverToken)
      #expect(Wire.isLatency(reply["X-Kong-Admin-Latency"]))
      #expect(reply["Access-Control-Allow-Origin"] == nil)
      #expect(reply["Access-Control-Allow-Credentials"] == nil)
      #expect(reply["Date"] != nil)
      #expect(reply["Via"] == nil && reply["X-Kong-Request-Id"] == nil)
      if status != 204 { #expect(reply["Content-Type"] == "application/json; charset=utf-8") }
    }
  }

  @Test func headersThatAPreflightAsksForAreAllowed() throws {
    let headers = [("Access-Control-Request-Headers", "X-One, X-Two")]
    let preflight = try Admin.send("OPTIONS", "/services", headers: headers)
    #expect(preflight["Access-Control-Allow-Headers"] == "X-One, X-Two")
  }

  @Test func robotsAreTurnedAway() throws {
    let reply = try Admin.send("GET", "/robots.txt")
    #expect(reply.status == 200 && reply.text == "User-agent: *\nDisallow: /\n")
  }

  @Test func aConnectionServesManyRequests() throws {
    let client = try RawClient(port: AdminGateway.shared().adminPort)
    for path in ["/", "/nope", "/status"] {
      try client.request("GET", path, headers: [("Host", "localhost")])
      #expect(try client.response().status == (path == "/nope" ? 404 : 200))
    }
  }
}
