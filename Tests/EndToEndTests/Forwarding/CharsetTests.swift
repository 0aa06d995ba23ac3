// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `nginx_http_charset`: what the `Content-Type` of responses gets.
@Suite struct CharsetTests {
  /// The target says what comes back: `/200/text/html?Content-Encoding=gzip`.
  @Sendable private static func answer(_ exchange: Exchange) throws {
    let parts = exchange.target.split(separator: "?", maxSplits: 1)
    let path = parts[0].split(separator: "/", maxSplits: 1)
    let type = String(path[1]).replacing("%20", with: " ")
    let more = parts.count > 1 ? parts[1].split(separator: "=").map(String.init) : []
    try exchange.respond(
      Int(path[0]) ?? 0,
      headers: [("Content-Type", type)] + (more.isEmpty ? [] : [(more[0], more.count > 1 ? more[1] : "")]), body: "x")
  }

  private static let shared = Result { try Fixture(handler: Self.answer) }

  private func contentType(_ target: String) throws -> [String] {
    try Self.shared.get().gateway.get(target).head.all("Content-Type")
  }

  static let completed = [
    "text/html", "text/plain", "text/xml", "text/vnd.wap.wml", "application/javascript", "application/rss+xml",
    "TEXT/HTML", "Text/Plain",
  ]

  @Test(arguments: Self.completed) func textWithoutACharsetGetsOne(type: String) throws {
    #expect(try self.contentType("/200/\(type)") == ["\(type); charset=UTF-8"])
  }

  static let untouched = [
    "application/json", "application/xml", "text/css", "text/javascript", "text/event-stream", "image/png", "text",
    "text/htmlx", "text/html; charset=iso-8859-1", "text/html;charset=utf-8", "text/html; level=1", "text/html;",
    "text/html; level=1; charset=x",
  ]

  @Test(arguments: Self.untouched) func anythingElseIsAsItCame(type: String) throws {
    #expect(try self.contentType("/200/\(type.replacing(" ", with: "%20"))") == [type])
  }

  @Test(arguments: [200, 201, 206, 303, 307, 308, 404, 500, 503]) func theStatusDoesNotMatter(status: Int) throws {
    #expect(try self.contentType("/\(status)/text/plain") == ["text/plain; charset=UTF-8"])
  }

  /// nginx: old browsers took it for that of the next page.
  @Test(arguments: [301, 302]) func redirectsHaveNone(status: Int) throws {
    #expect(try self.contentType("/\(status)/text/plain") == ["text/plain"])
  }

  @Test func encodedBodiesHaveNone() throws {
    #expect(try self.contentType("/200/text/plain?Content-Encoding=gzip") == ["text/plain"])
    #expect(try self.contentType("/200/text/plain?Content-Encoding=") == ["text/plain; charset=UTF-8"])
  }

  @Test func headIsAnsweredAlike() throws {
    #expect(
      try Self.shared.get().gateway.send("HEAD", "/200/text/plain")["Content-Type"] == "text/plain; charset=UTF-8")
  }

  @Test func aTypeThatIsMissingStaysMissing() throws {
    let fixture = try Fixture { exchange in
      switch exchange.target {
      case "/304": try exchange.send("HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\n\r\n")
      case "/204": try exchange.send("HTTP/1.1 204 No Content\r\n\r\n")
      case "/empty": try exchange.send("HTTP/1.1 200 OK\r\nContent-Type:\r\nContent-Length: 0\r\n\r\n")
      default: try exchange.respond(body: "x")
      }
    }
    for target in ["/304", "/204", "/"] { #expect(try fixture.gateway.get(target).head.all("Content-Type") == []) }
    #expect(try fixture.gateway.get("/empty").head.all("Content-Type") == [""])
  }

  @Test(arguments: ["off", "NONE"]) func offAddsNone(setting: String) throws {
    let fixture = try Fixture(settings: ["nginx_http_charset": setting], handler: Self.answer)
    #expect(try fixture.gateway.get("/200/text/html")["Content-Type"] == "text/html")
  }

  @Test func itsNameIsWhatWasConfigured() throws {
    let fixture = try Fixture(settings: ["nginx_http_charset": "koi8-r"], handler: Self.answer)
    #expect(try fixture.gateway.get("/200/text/html")["Content-Type"] == "text/html; charset=koi8-r")
  }

  // MARK: Plugins

  private static func transforming(_ lines: String) throws -> Fixture {
    try Fixture(
      global: "plugins:\n- {name: response-transformer, config: {\(lines)}}", handler: Self.answer)
  }

  @Test func typesThatPluginsSetGetOneToo() throws {
    let fixture = try Self.transforming("replace: {headers: [\"Content-Type:text/html\"]}")
    #expect(try fixture.gateway.get("/200/application/json").head.all("Content-Type") == ["text/html; charset=UTF-8"])
    #expect(try fixture.gateway.get("/200/text/plain").head.all("Content-Type") == ["text/html; charset=UTF-8"])
    #expect(try fixture.gateway.get("/302/text/plain").head.all("Content-Type") == ["text/html"])
    #expect(try fixture.gateway.get("/200/text/plain?Content-Encoding=gzip")["Content-Type"] == "text/html")
    // The bytes are still the service's.
    let latin = try fixture.gateway.get("/200/text/plain;charset=iso-8859-1")
    #expect(latin.head.all("Content-Type") == ["text/html; charset=iso-8859-1"])
  }

  @Test func typesOfPluginsWithParametersAreLeft() throws {
    let fixture = try Self.transforming("replace: {headers: [\"Content-Type:text/html;charset=latin1\"]}")
    #expect(try fixture.gateway.get("/200/text/plain").head.all("Content-Type") == ["text/html;charset=latin1"])
  }

  @Test func pluginThatDecodesMakesItText() throws {
    let fixture = try Self.transforming("remove: {headers: [Content-Encoding]}")
    #expect(
      try fixture.gateway.get("/200/text/plain?Content-Encoding=gzip")["Content-Type"] == "text/plain; charset=UTF-8")
  }

  @Test(arguments: [
    (200, "text/plain", "text/plain; charset=UTF-8"), (418, "TEXT/html", "TEXT/html; charset=UTF-8"),
    (301, "text/plain", "text/plain"), (200, "application/xml", "application/xml"),
    (200, "text/plain; charset=x", "text/plain; charset=x"),
  ])
  func answersOfPluginsGetOne(status: Int, type: String, expected: String) throws {
    let plugin =
      "{name: request-termination, config: {status_code: \(status), body: hi, content_type: \"\(type)\"}}"
    let fixture = try Fixture(route: "plugins: [\(plugin)]")
    let response = try fixture.gateway.get()
    #expect(response.head.all("Content-Type") == [expected])
    #expect(response.text == "hi")
  }

  @Test func aNameThatIsNoneIsRefused() throws {
    let error = try #require(throws: HarnessError.self) {
      _ = try Fixture(settings: ["nginx_http_charset": "utf-8; x=y"])
    }
    #expect(error.description.contains("nginx_http_charset"))
  }
}
