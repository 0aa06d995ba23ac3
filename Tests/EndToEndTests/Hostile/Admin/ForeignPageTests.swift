// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// What a browser sends for a web page that has no business with the Admin or Status API.
@Suite struct ForeignPageTests {
  private static let plugin = "name=http-log&config.http_endpoint=http%3A%2F%2Fevil.test%2F"

  /// What pages can make a browser send besides.
  static let bodies: [AdminBody] = [
    .form(plugin), .multipart([("name", "http-log"), ("config.http_endpoint", "http://evil.test/")]),
    .text(#"{"name":"http-log"}"#, type: "text/plain"), .text(#"{"name":"http-log"}"#, type: nil),
    .json(["name": "http-log", "config": ["http_endpoint": "http://evil.test/"]]),
  ]

  static let marks: [[(String, String)]] = [
    [("Origin", "http://evil.test")], [("Origin", "null")], [("Origin", "")], [("Origin", "http://localhost:9")],
    [("Origin", "http://127.0.0.1")], [("Origin", "https://evil.test"), ("Sec-Fetch-Site", "same-origin")],
    [("Origin", "http://tools.test"), ("Origin", "http://evil.test")],
    [("Origin", "http://tools.test, http://evil.test")],
    [("Origin", "http://tools.test.evil.test")], [("Origin", "http://tools.test@evil.test")],
    [("Origin", "http://tools.test:81")], [("Origin", "https://tools.test")], [("Origin", "http://tools.test/")],
    [("Origin", "file://")], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
    [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "none")], [("Sec-Fetch-Site", "Cross-Site")],
    [("sec-fetch-site", "anything")],
  ]

  private static let gateway = Result {
    try GatewayProcess(
      administered: nil,
      settings: ["admin_gui_url": "http://Tools.test:80/manager", "admin_allowed_origins": "https://ops.test:8443"])
  }

  @Test(arguments: Self.marks) func noPageIsObeyed(mark: [(String, String)]) throws {
    let gateway = try Self.gateway.get()
    for body in Self.bodies {
      let reply = try gateway.admin("POST", "/plugins", body, headers: mark)
      #expect(reply.status == 403, "\(mark): \(reply)")
      #expect(reply["Access-Control-Allow-Origin"] == nil)
    }
    #expect(try gateway.admin("DELETE", "/cache", headers: mark).status == 403)
    #expect(try gateway.admin("GET", "/plugins").data.isEmpty)
  }

  @Test(arguments: Self.marks) func noPageReads(mark: [(String, String)]) throws {
    let gateway = try Self.gateway.get()
    for (method, path) in [("GET", "/key-auths"), ("HEAD", "/"), ("OPTIONS", "/services"), ("GET", "/nope")] {
      let reply = try gateway.admin(method, path, headers: mark)
      #expect(reply.status == 403 && reply["Access-Control-Allow-Origin"] == nil, "\(method) \(path) \(mark): \(reply)")
    }
  }

  @Test(arguments: Self.marks) func theStatusAPIIsNoBetterDoor(mark: [(String, String)]) throws {
    let gateway = try Self.gateway.get()
    #expect(try gateway.statusAPI("POST", "/status/ready", .form("status=draining"), headers: mark).status == 403)
    for path in ["/status", "/metrics", "/status/ready"] {
      let reply = try gateway.statusAPI("GET", path, headers: mark)
      #expect(reply.status == 403 && reply["Access-Control-Allow-Origin"] == nil)
    }
    #expect(try gateway.statusAPI("GET", "/status/ready").status == 200)
  }

  @Test(arguments: ["http://tools.test", "https://ops.test:8443"]) func listedOriginsMayCall(origin: String) throws {
    let gateway = try Self.gateway.get()
    let headers = [("Origin", origin), ("Sec-Fetch-Site", "cross-site")]
    let preflight = try gateway.admin(
      "OPTIONS", "/services", headers: headers + [("Access-Control-Request-Private-Network", "true")])
    #expect(preflight.status == 204 && preflight["Access-Control-Allow-Origin"] == origin)
    #expect(preflight["Access-Control-Allow-Private-Network"] == "true")
    let reply = try gateway.admin("GET", "/services", headers: headers)
    #expect(reply.status == 200 && reply["Access-Control-Allow-Origin"] == origin)
    #expect(reply["Access-Control-Allow-Credentials"] == "true" && reply["Vary"] == "Origin")
    #expect(try gateway.statusAPI("GET", "/status", headers: headers)["Access-Control-Allow-Origin"] == origin)
  }

  /// Neither what is typed into a browser nor what sends no such field.
  @Test(arguments: ["none", "same-origin"]) func whatNoPageSentIsTaken(site: String) throws {
    let gateway = try Self.gateway.get()
    #expect(try gateway.admin("GET", "/", headers: [("Sec-Fetch-Site", site)]).status == 200)
    #expect(try gateway.admin("GET", "/", headers: [("Referer", "http://elsewhere.test/")]).status == 200)
  }

  @Test func drainingIsTakenBack() throws {
    let gateway = try GatewayProcess(administered: nil)
    expect(try gateway.statusAPI("POST", "/status/ready", .json(["status": "draining"])), 204)
    expect(try gateway.statusAPI("GET", "/status/ready"), 503, ["message": "draining"])
    expect(try gateway.statusAPI("POST", "/status/ready", .json(["status": "ready"])), 204)
    expect(try gateway.statusAPI("GET", "/status/ready"), 200, ["message": "ready"])
    expect(try gateway.statusAPI("POST", "/status/ready", .json(["status": "other"])), 400)
  }
}
