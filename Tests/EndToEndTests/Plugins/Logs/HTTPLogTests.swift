// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The http-log plugin, and what all logging plugins say of a request (facts: plugins.md 0 and 6).
@Suite struct HTTPLogTests {
  @Test func aRequestIsLoggedWhole() throws {
    let server = try LogServer()
    let fixture = try LoggedGateway("http-log", "http_endpoint: \"\(server.url)/post\"")
    let target = "/in/a?b=%31&c"
    let response = try fixture.gateway.get(
      target, headers: [("Authorization", "Basic c2VjcmV0"), ("X-Mine", "1"), ("X-Mine", "2")])
    let (head, log) = try #require(try server.wait(1).first)
    #expect(head.startLine == "POST /post HTTP/1.1" && head["Content-Type"] == "application/json")
    let request = log["request"]
    #expect(request["method"].string == "GET" && request["uri"].string == target)
    #expect(request["url"].string == "http://gateway.test:\(fixture.gateway.port)\(target)")
    #expect(request["querystring"] == ["b": "1", "c": true])
    #expect(request["headers"]["authorization"].string == "REDACTED" && request["headers"]["x-mine"] == ["1", "2"])
    #expect(request["id"].string == response["X-Kong-Request-Id"])
    let sent =
      "GET \(target) HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: Basic c2VjcmV0\r\nX-Mine: 1\r\nX-Mine: 2\r\n\r\n"
    #expect(request["size"].integer == sent.utf8.count)
    #expect(log["response"]["status"].integer == 200)
    #expect(log["response"]["size"].integer == response.head.raw.count + response.body.count)
    #expect(log["response"]["headers"]["server"].string == response["Server"])
    #expect(log["upstream_uri"].string == "/a?b=%31&c" && log["upstream_status"].string == "200")
    #expect(log["source"].string == "upstream" && log["client_ip"].string == "127.0.0.1")
    let latencies = log["latencies"]
    #expect(latencies["kong"].integer.map(String.init) == response["X-Kong-Proxy-Latency"])
    #expect(latencies["proxy"].integer.map(String.init) == response["X-Kong-Upstream-Latency"])
    #expect((latencies["request"].integer ?? -1) >= (latencies["proxy"].integer ?? 0))
    #expect(log["tries"].array.count == 1 && log["tries"][0]["port"].integer == fixture.origin.port)
    #expect(log["route"]["name"].string == "everything" && log["service"]["name"].string == "origin")
    #expect(log["consumer"] == .missing && log["workspace_name"].string == "default")
    let started = try #require(log["started_at"].double)
    #expect(abs(started / 1000 - Date().timeIntervalSince1970) < 60)
  }

  @Test func whatTheGatewayAnswersIsLoggedToo() throws {
    let server = try LogServer()
    let fixture = try LoggedGateway("http-log", "http_endpoint: \"\(server.url)\"")
    #expect(try fixture.gateway.get("/nowhere").status == 404)
    let log = try #require(try server.wait(1).first).body
    #expect(log["response"]["status"].integer == 404 && log["source"].string == "kong")
    #expect(log["latencies"]["proxy"].integer == -1 && log["tries"] == .missing && log["route"] == .missing)
    #expect(log["upstream_uri"].string == "" && log["upstream_status"].string == "")
    fixture.origin.stopListening()
    #expect(try fixture.gateway.get("/in/x").status == 502)
    let failed = try server.wait(2)[1].body
    #expect(failed["upstream_status"].string == "502, 502" && failed["source"].string == "kong")
    #expect(failed["tries"].array.allSatisfy { $0["state"].string == "failed" && $0["code"].integer == 502 })
  }

  @Test func whoItIsAndWhatPluginsAdd() throws {
    let server = try LogServer()
    let others = """
      - {name: key-auth}
      - {name: correlation-id, config: {header_name: X-Trace}}
      consumers:
      - {username: alice, custom_id: "42", keyauth_credentials: [{key: open}]}
      """
    let fixture = try LoggedGateway(
      "http-log",
      "http_endpoint: \"\(server.url)\", custom_fields_by_lua: {my.field: \"return 'x'\", service: \"return nil\"}",
      others: others)
    #expect(try fixture.gateway.get("/in/x", headers: [("apikey", "open"), ("X-Trace", "t-1")]).status == 200)
    let log = try #require(try server.wait(1).first).body
    #expect(log["consumer"]["username"].string == "alice" && log["consumer"]["custom_id"].string == "42")
    #expect(log["authenticated_entity"]["consumer_id"] == log["consumer"]["id"])
    #expect(log["request"]["headers"]["x-consumer-username"].string == "alice")
    #expect(log["correlation_id"].string == "t-1" && log["my"]["field"].string == "x" && log["service"] == .missing)
  }

  @Test func logsThatWaitAreSentBeforeTheGatewayStops() throws {
    let server = try LogServer()
    let fixture = try LoggedGateway(
      "http-log",
      "http_endpoint: \"\(server.url)\", queue: {max_batch_size: 1000, max_coalescing_delay: 3600}")
    for number in 0..<20 { _ = try fixture.gateway.get("/in/\(number)") }
    #expect(server.all.isEmpty)
    fixture.gateway.signal(SIGQUIT)
    let batch = try #require(try server.wait(1).first).body
    #expect(batch.array.map { $0["request"]["uri"].string } == (0..<20).map { "/in/\($0)" })
    _ = try fixture.gateway.waitForExit()
  }

  @Test func logsThatWaitAreSentWhenThePluginGoes() throws {
    let server = try LogServer()
    let fixture = try LoggedGateway(
      "http-log",
      "http_endpoint: \"\(server.url)\", queue: {max_batch_size: 1000, max_coalescing_delay: 3600}")
    _ = try fixture.gateway.get("/in/1")
    // A configuration is let go of when the one after the next is served.
    for path in ["/first", "/second"] {
      try fixture.gateway.rewrite(Declarative.service(port: fixture.origin.port, route: "paths: [\(path)]"))
      fixture.gateway.signal(SIGHUP)
      try Deadline.wait(for: "the reload") { try fixture.gateway.get("\(path)/x").status == 200 }
    }
    let batch = try #require(try server.wait(1).first).body
    #expect(batch.array.first?["request"]["uri"].string == "/in/1")
  }

  @Test func aDeadServerNeitherSlowsNorStopsTheGateway() throws {
    let port = try FreePort()
    let fixture = try LoggedGateway(
      "http-log", "http_endpoint: \"http://127.0.0.1:\(port.number)\", queue: {max_entries: 5, max_retry_delay: 0.05}")
    #expect(try fixture.gateway.get("/in/0").status == 200)
    // Under way from here on; what follows waits, on one connection and so in its order.
    try fixture.gateway.waitForLog("failed request to 127.0.0.1:\(port.number): Connection refused")
    let client = try RawClient(port: fixture.gateway.port)
    for number in 1..<50 {
      try client.request("GET", "/in/\(number)")
      #expect(try client.response(to: "GET").status == 200)
    }
    // Its answer says that what came before it is logged.
    try client.request("GET", "/in/last")
    #expect(try client.response(to: "GET").status == 200)
    // Back again: the one under way is repeated, and what waits follows.
    let server = try LogServer(port: port.number)
    try Deadline.wait(for: "the last log") { server.all.last?.body["request"]["uri"].string == "/in/last" }
    let targets = server.all.map { $0.body["request"]["uri"].string }
    // The last request's log may come a moment after its answer: then one more had room.
    #expect(targets.first == "/in/0" && (6...7).contains(targets.count))
    #expect(targets.dropFirst().suffix(5) == (46..<50).map { "/in/\($0)" } + ["/in/last"])
    // Troubles are said every ten seconds, and whatever is left when the gateway ends.
    fixture.gateway.signal(SIGQUIT)
    try fixture.gateway.waitForLog("\(51 - targets.count) of the oldest entries were dropped")
  }
}
