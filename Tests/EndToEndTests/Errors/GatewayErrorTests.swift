// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Which status and message each failure of the way to the upstream gives, and that the gateway goes on.
@Suite struct GatewayErrorTests {
  private func message(_ response: Response) -> String {
    String(response.text.split(separator: "\n").first ?? "")
  }

  @Test func routeWithoutServiceIs503() throws {
    let gateway = try GatewayProcess("_format_version: \"3.0\"\nroutes:\n- {name: r, paths: [/]}\n")
    let response = try gateway.get("/", headers: [("Accept", "text/plain")])
    #expect(response.status == 503)
    #expect(self.message(response) == "no Service found with those values")
    #expect(response["Via"] == nil)
  }

  @Test func refusedConnectionIs502AndIsLogged() throws {
    let refused = try ListeningSocket(backlog: nil)
    let gateway = try GatewayProcess(Declarative.service(port: refused.port))
    let response = try gateway.get()
    #expect(response.status == 502)
    #expect(self.message(response) == "An invalid response was received from the upstream server")
    // The request had been handed to the balancer, so Kong counts it as proxied (its 14-server_tokens_spec).
    #expect(Wire.isLatency(response["X-Kong-Proxy-Latency"]))
    #expect(response["X-Kong-Response-Latency"] == nil)
    #expect(response.head.all("Via") == [Wire.via])
    try gateway.waitForLog("refused")
    try gateway.waitForLog(String(refused.port))
    #expect(try gateway.get().status == 502)
  }

  @Test func refusedAfterWorkingIs502AndBackAgain() throws {
    let fixture = try Fixture(
      service: "retries: 1",
      handler: { exchange in
        try exchange.respond(headers: [("Connection", "close")], body: "x")
        exchange.close()
      })
    #expect(try fixture.gateway.get().status == 200)
    let port = fixture.origin.port
    fixture.origin.stopListening()
    #expect(try fixture.gateway.get().status == 502)
    let second = try Origin(port: port)
    #expect(try fixture.gateway.get().status == 200)
    #expect(second.requests.count == 1)
  }

  private func gateway(host: String, names: NameServer) throws -> GatewayProcess {
    let text = """
      _format_version: "3.0"
      services:
      - name: named
        host: \(host)
        port: 1
        retries: 0
        routes:
        - {name: r, paths: [/]}
      """
    return try GatewayProcess(text, settings: ["dns_resolver": "127.0.0.1:\(names.port)"])
  }

  @Test func unknownHostIs503() throws {
    let names = try NameServer([:])
    let gateway = try self.gateway(host: "nowhere.gibbon-test.example", names: names)
    let response = try gateway.get("/", headers: [("Accept", "text/plain")])
    #expect(response.status == 503)
    #expect(self.message(response) == "name resolution failed")
    try gateway.waitForLog("nowhere.gibbon-test.example")
    #expect(names.questions.contains("nowhere.gibbon-test.example"))
  }

  @Test func knownHostIsReachedThroughTheResolver() throws {
    let origin = try Origin()
    let names = try NameServer(["origin.gibbon-test.example": "127.0.0.1"])
    let text = """
      _format_version: "3.0"
      services:
      - name: named
        url: http://origin.gibbon-test.example:\(origin.port)/base
        routes:
        - {name: r, paths: [/]}
      """
    let gateway = try GatewayProcess(text, settings: ["dns_resolver": "127.0.0.1:\(names.port)"])
    let head = try gateway.get("/x").echo().head
    #expect(head.startLine == "GET /base/x HTTP/1.1")
    #expect(head["Host"] == "origin.gibbon-test.example:\(origin.port)")
    for _ in 0..<5 { #expect(try gateway.get("/x").status == 200) }
    #expect(names.questions.filter { $0 == "origin.gibbon-test.example" }.count <= 4, "answers are cached")
  }

  @Test func errorStatusOfTheUpstreamPassesUntouched() throws {
    let fixture = try Fixture { try $0.respond(503, headers: [("X-Mine", "1")], body: "busy") }
    let response = try fixture.gateway.get()
    #expect(response.status == 503)
    #expect(response.text == "busy")
    #expect(response["X-Mine"] == "1")
    #expect(response["Via"] == Wire.via)
    #expect(fixture.origin.requests.count == 1)
  }

  @Test func connectionStaysUsableAfterAnError() throws {
    let fixture = try Fixture(route: "paths: [/in]")
    let client = try RawClient(port: fixture.gateway.port)
    for _ in 0..<3 {
      try client.request("POST", "/out", body: Array("unread".utf8))
      #expect(try client.response().status == 404)
      try client.request("GET", "/in")
      #expect(try client.response().status == 200)
    }
  }

  @Test func httpsOnlyRouteAsksForUpgrade() throws {
    let fixture = try Fixture(route: "protocols: [https]")
    let response = try fixture.gateway.get("/", headers: [("Accept", "text/plain")])
    #expect(response.status == 426)
    #expect(self.message(response) == "Please use HTTPS protocol")
    #expect(response["Upgrade"] == "TLS/1.2, HTTP/1.1")
    #expect(response["Connection"]?.lowercased().contains("upgrade") == true)
    #expect(fixture.origin.requests.isEmpty)
  }

  @Test(arguments: [301, 302, 307, 308]) func httpsOnlyRouteRedirects(status: Int) throws {
    let fixture = try Fixture(route: "protocols: [https]\nhttps_redirect_status_code: \(status)")
    let response = try fixture.gateway.get("/a?b=c")
    #expect(response.status == status)
    #expect(response["Location"] == "https://gateway.test/a?b=c")
    #expect(response.text.contains("<title>\(status) "))
  }
}
