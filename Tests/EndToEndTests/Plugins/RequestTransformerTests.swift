// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The request-transformer plugin (facts: plugins.md 5).
@Suite struct RequestTransformerTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative) }

  static let routes: [(String, String)] = [
    ("/plain", "{}"),
    (
      "/headers",
      """
      {remove: {headers: [x-gone]}, rename: {headers: ["x-old:x-new"]}, replace: {headers: ["x-a:1", "host:o.test"]},
      add: {headers: ["x-a:2", "x-b:$(headers['x-gone'] or 'none')"]}, append: {headers: ["x-c:2", "Via:6"]}}
      """
    ),
    ("/query", "{remove: {querystring: [a]}, add: {querystring: [\"z:1\", \"b:$(query_params.a)\"]}}"),
    ("~/users/(?<id>[^/]+)/(.+)$", "{replace: {uri: \"/people/$(uri_captures.id)/$(uri_captures[2])\"}}"),
    ("/post", "{http_method: POST, add: {headers: [\"content-type:application/json\"], body: [\"a:1\"]}}"),
    ("/get", "{http_method: GET}"),
    (
      "/body",
      """
      {remove: {body: [a]}, rename: {body: ["b:c"]}, replace: {body: ["c:9"]}, add: {body: ["d:x"]},
      append: {body: ["d:y"]}}
      """
    ),
    ("/fault", "{add: {headers: [\"x:$(headers.none .. '!')\"]}}"), ("/method", "{http_method: CONNECT}"),
  ]

  private static func declarative(port: Int) -> String {
    let routes = self.routes.enumerated().map { index, route in
      """
        - name: r\(index)
          paths: ["\(route.0)"]
          strip_path: false
          plugins:
          - name: request-transformer
            config: \(route.1.replacingOccurrences(of: "\n", with: " "))
      """
    }
    return """
      _format_version: "3.0"
      services:
      - name: origin
        url: http://127.0.0.1:\(port)
        routes:
      \(routes.joined(separator: "\n"))
      """
  }

  private func send(
    _ method: String, _ target: String, _ headers: [(String, String)] = [], _ body: String? = nil
  ) throws -> Response {
    try Self.shared.get().gateway.send(method, target, headers: headers, body: body)
  }

  @Test func nothingConfiguredChangesNothing() throws {
    let echo = try self.send("POST", "/plain?b=$&a=,", [("X-A", "1")], "text").echo()
    #expect(echo.head.startLine == "POST /plain?b=$&a=, HTTP/1.1")
    #expect(echo.head["X-A"] == "1" && echo.rest == "text")
  }

  @Test func headersAreChanged() throws {
    let sent = [("X-Gone", "g"), ("X-Old", "1"), ("x-old", "2"), ("X-A", "0"), ("X-C", "1")]
    let head = try self.send("GET", "/headers", sent).echo().head
    #expect(head.all("X-Gone") == [] && head.all("X-Old") == [])
    #expect(head.all("X-New") == ["1", "2"])
    #expect(head.all("X-A") == ["1"] && head.all("X-B") == ["g"] && head.all("X-C") == ["1", "2"])
    #expect(head.all("Host") == ["o.test"])
    #expect(head.all("Via") == [Wire.via])
    let bare = try self.send("GET", "/headers").echo().head
    #expect(bare.all("X-A") == ["2"] && bare.all("X-B") == ["none"] && bare.all("X-C") == ["2"])
  }

  @Test func queryIsChanged() throws {
    #expect(try self.send("GET", "/query?a=1&y=%20").echo().head.word(1) == "/query?b=1&y=%20&z=1")
    #expect(try self.send("GET", "/query").echo().head.word(1) == "/query?b=&z=1")
  }

  @Test func pathIsChanged() throws {
    #expect(try self.send("GET", "/users/ann/a/b?q=1").echo().head.word(1) == "/people/ann/a/b?q=1")
  }

  @Test func requestWithoutABodyGetsOne() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    for _ in 0..<2 {
      try client.request("GET", "/post")
      let echo = try client.response().echo()
      #expect(echo.head.word(0) == "POST" && echo.head.all("Content-Type") == ["application/json"])
      #expect(echo.head.all("Content-Length") == ["9"] && echo.rest == #"{"a":"1"}"#)
      try client.request("GET", "/body", headers: [("Content-Type", "text/plain")])
      let other = try client.response().echo()
      #expect(other.head.all("Content-Length") == [] && other.rest.isEmpty)
    }
  }

  private static let form = ("Content-Type", "application/x-www-form-urlencoded")

  @Test func formsMoveIntoTheQuery() throws {
    let echo = try self.send("POST", "/get?hello=world", [Self.form], "name=marco&a").echo()
    #expect(echo.head.startLine == "GET /get?a&hello=world&name=marco HTTP/1.1")
    #expect(echo.rest == "name=marco&a")
  }

  @Test func bodiesAreChanged() throws {
    let form = try self.send("POST", "/body", [Self.form], "a=1&b=2&e=%2B").echo()
    #expect(form.rest == "c=9&e=%2B&d=x&d=y")
    #expect(form.head.all("Content-Length") == ["17"])
    let json = try self.send("POST", "/body", [("Content-Type", "application/json")], #"{"a":1,"b":2,"e":[]}"#).echo()
    #expect(json.rest == #"{"e":[],"c":"9","d":["x","y"]}"#)
    func field(_ name: String, _ value: String) -> String {
      "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }
    let multipart = try self.send(
      "POST", "/body", [("Content-Type", "multipart/form-data; boundary=B")],
      field("a", "1") + field("b", "2") + field("e", "3") + "--B--\r\n"
    ).echo()
    #expect(multipart.rest == field("e", "3") + field("c", "9") + field("d", "x") + "--B--\r\n")
  }

  @Test func bodyThatCannotBeSeenIsRefused() throws {
    #expect(try self.send("POST", "/body", [("Content-Type", "application/json")], "{broken").status == 400)
    #expect(try self.send("POST", "/body", [("Content-Type", "text/plain")], "a=1").status == 415)
    let body = "a=1&b=" + String(repeating: "x", count: 70_000)
    #expect(try self.send("POST", "/body", [Self.form], body).status == 413)
    try Self.shared.get().gateway.waitForLog("it did not fit into client_body_buffer_size")
  }

  @Test(arguments: ["/fault", "/method"]) func whatCannotBeDoneIsA500(target: String) throws {
    let response = try self.send("GET", target)
    #expect(response.status == 500)
    #expect(response.text.contains("An unexpected error occurred"))
  }

  static let bad = [
    ("{add: {headers: [\"x:$(headers.x y)\"]}}", "$(headers.x y)"),
    ("{replace: {uri: \"/$((function() return 1)())\"}}", "$((function() return 1)())"),
    ("{add: {querystring: [\"a:\"]}}", "key 'a' has no value"), ("{http_method: get}", "invalid value: get"),
  ]

  @Test(arguments: Self.bad) func badConfigurationIsRefused(configuration: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let text = "_format_version: \"3.0\"\nplugins:\n- {name: request-transformer, config: \(configuration)}\n"
    let file = try folder.write(text, to: "bad.yml")
    let result = try GatewayCommand.run(["config", "parse", file.path], folder: folder.url)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains(reason), "\(result.errorOutput)")
  }
}
