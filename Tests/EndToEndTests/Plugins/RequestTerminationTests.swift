// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The request-termination plugin (facts: plugins.md 3).
@Suite struct RequestTerminationTests {
  private static let shared = Result {
    try Fixture(declarative: { port in
      let configurations = [
        ("default", "{}"), ("message", "{status_code: 403, message: \"So long \\\"and\\\" thanks\"}"),
        ("body", "{status_code: 418, body: \"<b>tea</b>\", content_type: text/html}"),
        ("teapot", "{status_code: 418}"), ("created", "{status_code: 201}"),
        ("trigger", "{trigger: x-stop, message: stopped}"), ("echo", "{status_code: 200, echo: true, message: hi}"),
        ("401", "{status_code: 401}"), ("404", "{status_code: 404}"), ("405", "{status_code: 405}"),
        ("500", "{status_code: 500}"), ("502", "{status_code: 502}"),
      ]
      let routes = configurations.map { name, configuration -> String in
        let plugin = "{name: request-termination, config: \(configuration)}"
        return "  - {name: \"route-\(name)\", paths: [/\(name)], plugins: [\(plugin)]}\n"
      }
      return """
        _format_version: "3.0"
        services:
        - name: origin
          url: http://127.0.0.1:\(port)
          routes:
        \(routes.joined())
        """
    })
  }

  private func get(_ target: String, _ headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get(target, headers: headers)
  }

  static let texts = [
    ("default", 503, "Service unavailable"), ("401", 401, "Unauthorized"), ("404", 404, "Not found"),
    ("405", 405, "Method not allowed"), ("500", 500, "An unexpected error occurred"), ("502", 502, "Bad Gateway"),
  ]

  @Test(arguments: Self.texts) func knownStatusHasItsText(path: String, status: Int, message: String) throws {
    let response = try self.get("/\(path)", [("Accept", "text/html")])
    #expect(response.status == status)
    #expect(response.text == "{\"message\":\"\(message)\"}", "compact JSON, whatever is accepted")
    #expect(response.head.all("Content-Type") == ["application/json; charset=utf-8"])
    #expect(response["Server"] == Wire.serverToken)
    #expect(response["Via"] == nil)
    #expect(Wire.isLatency(response["X-Kong-Response-Latency"]))
    #expect(Wire.isRequestID(response["X-Kong-Request-Id"]))
  }

  @Test func messageIsEncoded() throws {
    let response = try self.get("/message")
    #expect(response.status == 403)
    #expect(response.text == #"{"message":"So long \"and\" thanks"}"#)
  }

  @Test func bodyIsSentAsItIs() throws {
    let response = try self.get("/body")
    #expect(response.status == 418)
    #expect(response.text == "<b>tea</b>")
    #expect(response["Content-Type"] == "text/html; charset=UTF-8")
    #expect(response["Content-Length"] == "10")
  }

  @Test(arguments: [("teapot", 418), ("created", 201)]) func otherStatusIsEmpty(path: String, status: Int) throws {
    let response = try self.get("/\(path)")
    #expect(response.status == status)
    #expect(response.body.isEmpty)
    #expect(response["Content-Length"] == "0")
  }

  @Test func triggerDecides() throws {
    #expect(try self.get("/trigger").status == 200)
    #expect(try self.get("/trigger?other=1").status == 200)
    #expect(try self.get("/trigger", [("X-Stop", "1")]).text == #"{"message":"stopped"}"#)
    #expect(try self.get("/trigger?x-stop").status == 503)
    #expect(try self.get("/trigger?x-stop=0").status == 503)
  }

  @Test func echoTellsWhatWasReceived() throws {
    let response = try Self.shared.get().gateway.send(
      "POST", "/echo/path?q=1", headers: [("X-A", "b"), ("Content-Type", "text/plain")], body: "raw")
    #expect(response.status == 200)
    let json = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
    #expect(json["message"] as? String == "hi")
    let request = try #require(json["request"] as? [String: Any])
    #expect(request["method"] as? String == "POST")
    #expect(request["scheme"] as? String == "http")
    #expect(request["host"] as? String == "gateway.test")
    #expect(request["path"] as? String == "/echo/path")
    #expect(request["raw_body"] as? String == "raw")
    #expect((request["query"] as? [String: Any])?["q"] as? String == "1")
    #expect((request["headers"] as? [String: Any])?["x-a"] as? String == "b")
    let kong = try #require(json["kong"] as? [String: Any])
    #expect((kong["node_id"] as? String)?.utf8.count == 36)
    #expect(kong["hostname"] as? String != nil)
    #expect((json["matched_route"] as? [String: Any])?["name"] as? String == "route-echo")
    #expect((json["matched_service"] as? [String: Any])?["name"] as? String == "origin")
  }

  @Test func headHasNoBody() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.request("HEAD", "/default")
    #expect(try client.response(to: "HEAD").status == 503)
    try client.request("GET", "/default")
    #expect(try client.response().text == #"{"message":"Service unavailable"}"#)
  }

  @Test func terminatedUploadLeavesTheConnectionUsable() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    for _ in 0..<3 {
      try client.request("POST", "/default", body: [UInt8](repeating: 97, count: 3000))
      #expect(try client.response().status == 503)
    }
  }

  static let bad = [
    "{status_code: 99}", "{status_code: 600}", "{message: a, body: b}", "{content_type: text/plain}",
    "{trigger: \"bad name\"}", "{sttaus: 1}",
  ]

  @Test(arguments: Self.bad) func badConfigurationIsRefused(configuration: String) throws {
    let folder = try TemporaryFolder()
    let text = "_format_version: \"3.0\"\nplugins:\n- {name: request-termination, config: \(configuration)}\n"
    let file = try folder.write(text, to: "bad.yml")
    let result = try GatewayCommand.run(["config", "parse", file.path], folder: folder.url)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("config"))
  }
}
