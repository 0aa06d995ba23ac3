// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Answers of the gateway that nobody gave a body: Kong's error text, nginx's page, or nothing.
@Suite struct UsualBodyTests {
  /// Routes such as `/418`, whose plugin answers so.
  private static let shared: Result<GatewayProcess, any Error> = Result {
    let statuses: [Int] = [200, 201, 204] + Array(300...308) + Array(400...431) + [451, 494] + Array(500...511)
    let routes = statuses.map { status in
      "- {name: r\(status), paths: [/\(status)], plugins: "
        + "[{name: request-termination, config: {status_code: \(status)}}]}\n"
    }
    return try GatewayProcess("_format_version: \"3.0\"\nroutes:\n\(routes.joined())")
  }

  private func get(_ status: Int, accept: String? = nil) throws -> Response {
    try Self.shared.get().get("/\(status)", headers: accept.map { [("Accept", $0)] } ?? [])
  }

  private static func page(_ title: String) -> String {
    "<html>\r\n<head><title>\(title)</title></head>\r\n<body>\r\n<center><h1>\(title)</h1></center>\r\n"
      + "</body>\r\n</html>\r\n"
  }

  static let pages = [
    (301, "Moved Permanently"), (302, "Found"), (303, "See Other"), (307, "Temporary Redirect"),
    (308, "Permanent Redirect"), (402, "Payment Required"), (403, "Forbidden"), (406, "Not Acceptable"),
    (409, "Conflict"), (410, "Gone"), (415, "Unsupported Media Type"), (416, "Requested Range Not Satisfiable"),
    (421, "Misdirected Request"), (429, "Too Many Requests"), (501, "Not Implemented"),
    (505, "HTTP Version Not Supported"), (507, "Insufficient Storage"),
  ]

  @Test(arguments: Self.pages) func statusHasNginxsPage(status: Int, title: String) throws {
    let response = try self.get(status, accept: "application/json")
    #expect(response.status == status)
    #expect(response.text == Self.page("\(status) \(title)"))
    let isRedirect = status == 301 || status == 302
    #expect(response.head.all("Content-Type") == [isRedirect ? "text/html" : "text/html; charset=UTF-8"])
    #expect(Wire.isLatency(response["X-Kong-Response-Latency"]))
  }

  static let texts = [
    (400, "Bad request"), (408, "Request timeout"), (411, "Length required"), (412, "Precondition failed"),
    (413, "Payload too large"), (414, "URI too long"), (417, "Expectation failed"),
    (504, "The upstream server is timing out"),
  ]

  @Test(arguments: Self.texts) func statusHasKongsText(status: Int, message: String) throws {
    let plain = try self.get(status)
    #expect(plain.status == status)
    #expect(plain.text.hasPrefix("\(message)\nrequest_id: "), "error_default_type without Accept")
    #expect(plain.head.all("Content-Type") == ["text/plain; charset=utf-8"])
    let json = try self.get(status, accept: "application/json")
    #expect(json.text.contains("\"message\":\"\(message)\""))
    #expect(json.head.all("Content-Type") == ["application/json; charset=utf-8"])
    let html = try self.get(status, accept: "text/html")
    #expect(html.text.contains("<p>\(message).</p>"))
  }

  @Test func statusOfNginxsOwnIsShownAs400() throws {
    let response = try self.get(494)
    #expect(response.status == 400)
    #expect(response.text.hasPrefix("Request header or cookie too large\n"))
  }

  static let empty = [200, 201, 300, 304, 305, 306, 407, 418, 419, 420, 422, 426, 428, 431, 451, 506, 508, 510, 511]

  @Test(arguments: Self.empty) func otherStatusesStayEmpty(status: Int) throws {
    let response = try self.get(status)
    #expect(response.status == status)
    #expect(response.body.isEmpty)
    if status != 304 { #expect(response["Content-Length"] == "0") }
    #expect(response["Content-Type"] == nil)
  }

  @Test func noContentHasNeitherBodyNorLength() throws {
    let response = try self.get(204)
    #expect(response.head.all("Content-Length") == [] && response.head.all("Content-Type") == [])
  }

  @Test func headHasThePagesLength() throws {
    let client = try RawClient(port: Self.shared.get().port)
    for _ in 0..<2 {
      try client.request("HEAD", "/403")
      #expect(try client.response(to: "HEAD")["Content-Length"] == "\(Self.page("403 Forbidden").utf8.count)")
    }
  }

  /// An empty body is a body.
  @Test func emptyBodyOfAPluginStaysEmpty() throws {
    let plugin = "{name: request-termination, config: {status_code: 403, body: \"\", content_type: text/plain}}"
    let gateway = try GatewayProcess(
      "_format_version: \"3.0\"\nroutes:\n- {name: r, paths: [/], plugins: [\(plugin)]}\n")
    let response = try gateway.get()
    #expect(response.status == 403 && response.body.isEmpty)
  }

  // MARK: After a try

  @Test(arguments: ["GET", "POST"]) func errorsAfterATryAreThoseOfAProxy(method: String) throws {
    let silent = try Fixture(service: "retries: 0\nread_timeout: 200", settings: ["headers": Self.all]) {
      try $0.waitForClose()
    }
    let broken = try Fixture(service: "retries: 1", settings: ["headers": Self.all]) { $0.close() }
    for (fixture, status) in [(silent, 504), (broken, 502)] {
      let response = try fixture.gateway.send(method, "/", body: method == "POST" ? "b" : nil)
      #expect(response.status == status)
      #expect(response.head.all("Via") == [Wire.via])
      #expect(Wire.isLatency(response["X-Kong-Upstream-Latency"]))
      #expect(Wire.isLatency(response["X-Kong-Proxy-Latency"]))
      #expect(response["X-Kong-Upstream-Status"] == "\(status)")
      #expect(response["X-Kong-Response-Latency"] == nil)
      #expect(response.head.all("Server") == [Wire.serverToken])
    }
  }

  private static let all = "server_tokens, latency_tokens, X-Kong-Upstream-Status"

  /// A kept connection that had gone stale does not count as a try, and yet the request was proxied.
  @Test func staleConnectionAndRefusalAreATry() throws {
    let fixture = try Fixture(service: "retries: 0", settings: ["nginx_worker_processes": "1"]) { exchange in
      if exchange.target == "/second" { return exchange.close() }
      try exchange.echo()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/first")
    #expect(try client.response().status == 200)
    try client.request("GET", "/second")
    let response = try client.response()
    #expect(response.status == 502)
    #expect(response.head.all("Via") == [Wire.via])
  }

  @Test func cacheThatHasNothingSaysSo() throws {
    let plugin = "{name: proxy-cache, config: {strategy: memory, cache_control: true}}"
    let fixture = try Fixture(route: "plugins: [\(plugin)]")
    let response = try fixture.gateway.get(
      "/", headers: [("Cache-Control", "only-if-cached"), ("Accept", "application/json")])
    #expect(response.status == 504)
    #expect(response.text.contains("\"message\":\"The upstream server is timing out\""))
    #expect(response["Via"] == nil && fixture.origin.requests.isEmpty)
  }
}
