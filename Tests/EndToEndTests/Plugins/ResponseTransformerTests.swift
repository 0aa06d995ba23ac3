// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// The response-transformer plugin (facts: plugins.md 5).
@Suite struct ResponseTransformerTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative, handler: Self.answer) }

  private static func declarative(port: Int) -> String {
    let routes = [
      (
        "headers",
        """
        {remove: {headers: [x-gone]}, rename: {headers: ["x-old:x-new"]}, replace: {headers: ["x-a:1"]},
        add: {headers: ["x-a:2", "x_b:2"]}, append: {headers: ["x-c:2"]}}
        """
      ),
      (
        "json",
        """
        {remove: {json: [secret]}, rename: {json: ["old:new"]}, replace: {json: ["a:/x"]},
        add: {json: ["n:-1", "t:true", "s:text"], json_types: [number, boolean]}, append: {json: ["list:3"]}}
        """
      ),
    ]
    let lines = routes.map { name, configuration in
      """
        - name: \(name)
          paths: [/\(name)]
          plugins:
          - name: response-transformer
            config: \(configuration.replacingOccurrences(of: "\n", with: " "))
      """
    }
    return """
      _format_version: "3.0"
      services:
      - name: origin
        url: http://127.0.0.1:\(port)
        routes:
      \(lines.joined(separator: "\n"))
        - name: guarded
          paths: [/guarded]
          plugins:
          - {name: key-auth}
          - {name: response-transformer, config: {add: {json: ["more:1"]}, remove: {headers: [www-authenticate]}}}
      """
  }

  static let object = #"{"secret":"s","old":1,"a":"b","list":[1,2],"empty":[]}"#
  static let changed = #"{"a":"/x","list":[1,2,"3"],"empty":[],"new":1,"n":-1,"t":true,"s":"text"}"#

  private static func answer(_ exchange: Exchange) throws {
    let type = ("Content-Type", "application/json; charset=utf-8")
    switch exchange.target {
    case "/text": try exchange.respond(headers: [("Content-Type", "text/plain")], body: Self.object)
    case "/broken": try exchange.respond(headers: [type], body: "{broken")
    case "/chunked":
      _ = try exchange.readBody()
      var answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      for character in Self.object { answer += "1\r\n\(character)\r\n" }
      try exchange.send(answer + "0\r\n\r\n")
    case "/large":
      _ = try exchange.readBody()
      let size = 9 << 20
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(size)\r\n\r\n")
      try exchange.send([UInt8](repeating: 32, count: size), seconds: 20)
    case "/megabyte":
      let filler = String(repeating: "*", count: 1 << 20)
      try exchange.respond(headers: [type], body: "{\"secret\":1,\"big\":\"\(filler)\"}")
    default:
      let headers = [("X-Gone", "1"), ("X-Old", "1"), ("x-old", "2"), ("X-C", "1"), type]
      try exchange.respond(headers: headers, body: Self.object)
    }
  }

  private func get(_ target: String) throws -> Response { try Self.shared.get().gateway.get(target) }

  @Test func headersAreChangedAndTheBodyKeepsItsLength() throws {
    let response = try self.get("/headers")
    #expect(response.head.all("X-Gone") == [] && response.head.all("X-Old") == [])
    #expect(response.head.all("X-New") == ["1", "2"] && response.head.all("X-C") == ["1", "2"])
    #expect(response.head.all("X-A") == ["2"] && response.head.all("X-B") == ["2"])
    #expect(response["Content-Length"] == "\(Self.object.utf8.count)" && response.text == Self.object)
  }

  @Test(arguments: ["/json", "/json/chunked"]) func objectsAreChanged(target: String) throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    for _ in 0..<2 {
      try client.request("GET", target)
      let response = try client.response()
      #expect(response.text == Self.changed)
      #expect(response["Content-Length"] == nil && response["Transfer-Encoding"] == "chunked")
    }
  }

  @Test func otherTypesKeepLengthAndContent() throws {
    let response = try self.get("/json/text")
    #expect(response["Content-Length"] == "\(Self.object.utf8.count)" && response.text == Self.object)
  }

  @Test func whatIsNoJSONIsCutOff() throws {
    #expect(throws: HarnessError.self) { try self.get("/json/broken") }
    try Self.shared.get().gateway.waitForLog("body transform failed: failed parsing json body")
  }

  @Test func aMegabyteIsChanged() throws {
    let text = try self.get("/json/megabyte").text
    #expect(text.hasPrefix("{\"big\":\"***") && text.utf8.count > 1 << 20 && !text.contains("secret"))
  }

  @Test func bodyBeyondTheLimitIsCutOff() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    try client.request("GET", "/json/large")
    #expect(throws: HarnessError.self) { try client.response(to: "GET", seconds: 20) }
    try Self.shared.get().gateway.waitForLog("the response body is larger than 8388608 bytes")
    #expect(try self.get("/json").text == Self.changed)
  }

  @Test func headHasNoBodyAndPromisesNoLength() throws {
    let client = try RawClient(port: Self.shared.get().gateway.port)
    for (target, length) in [("/json", nil), ("/json/text", "\(Self.object.utf8.count)")] {
      try client.request("HEAD", target)
      let response = try client.response(to: "HEAD")
      #expect(response.status == 200 && response["Content-Length"] == length)
    }
  }

  @Test func answersOfTheGatewayAreChangedToo() throws {
    let response = try self.get("/guarded")
    #expect(response.status == 401 && response["WWW-Authenticate"] == nil)
    #expect(response.text.hasPrefix(#"{"message":"No API key found in request","request_id":""#))
    #expect(response.text.hasSuffix(#"","more":"1"}"#))
  }

  @Test(arguments: [
    "{rename: {headers: [a]}}", "{add: {json_types: [array]}}", "{replace: {json: [a]}}", "{if_status: [200]}",
  ])
  func badConfigurationIsRefused(configuration: String) throws {
    let folder = try TemporaryFolder()
    let text = "_format_version: \"3.0\"\nplugins:\n- {name: response-transformer, config: \(configuration)}\n"
    let file = try folder.write(text, to: "bad.yml")
    let result = try GatewayCommand.run(["config", "parse", file.path], folder: folder.url)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("config"))
  }
}
