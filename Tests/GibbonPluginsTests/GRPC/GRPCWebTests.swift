// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

@Suite struct GRPCWebTests {
  private let plugin: GRPCWebPlugin

  init() throws { self.plugin = try instance(GRPCWebPlugin.self) }

  private static let ok = GRPCBench.ok
  private static let trailers = frame("grpc-status:0\r\ngrpc-message:\r\n", flags: 0x80)

  private func request(_ type: String, _ bytes: [UInt8]? = nil, _ plugin: GRPCWebPlugin? = nil) throws -> FakeRequest {
    let request = try FakeRequest("/shop.Items/Get", type: type, bytes: bytes)
    let plugin = plugin ?? self.plugin
    #expect(words(try plugin.access(request.context)) == "next")
    return request
  }

  // MARK: Requests

  @Test func binaryGoesOnAsItIs() throws {
    let request = try self.request("application/grpc-web+proto")
    #expect(request.bufferedBody == nil && request.upstreamHeader("content-type") == ["application/grpc+proto"])
    #expect(request.upstreamMethod == "POST" && request.upstreamPath == nil)
  }

  /// What goes on as it is may be a stream, and must not be held back.
  @Test(arguments: [
    ("application/grpc-web", false), ("application/grpc-web+proto", false), ("application/grpc", false),
    ("application/grpc-web-text", true), ("application/grpc-web+json", true), ("application/json", true), ("", false),
  ])
  func bodiesAreWantedWhereTheyChange(type: String, isWanted: Bool) throws {
    let request = try FakeRequest("/", type: type, bytes: nil)
    #expect(self.plugin.wantsRequestBody(request.context) == isWanted)
  }

  @Test func textIsDecoded() throws {
    let message = frame([1, 2, 3, 4])
    for cut in 0...message.count {
      let text = WebText.encoded(Array(message[..<cut])) + WebText.encoded(Array(message[cut...]))
      let request = try self.request("application/grpc-web-text", text)
      #expect(request.sentBody == message && request.upstreamHeader("content-type") == ["application/grpc"])
    }
  }

  @Test func callsOfGRPCPass() throws {
    let request = try self.request("application/grpc+proto")
    #expect(!self.plugin.wantsRequestBody(request.context))
    #expect(request.upstreamHeader("content-type") == ["application/grpc+proto"] && request.upstreamMethod == nil)
    let bytes = frame("x")
    #expect(try request.answer(self.plugin, [bytes], trailers: Self.ok) == [bytes])
  }

  @Test(arguments: [
    ("application/grpc-web-text", "A", "400 the request body is not valid base64"),
    ("text/plain", "x", "400 transcoding requests require a .proto file defining the service"),
    ("application/json", "{}", "400 transcoding requests require a .proto file defining the service"),
    ("application/grpc-web+json", "", "400 transcoding requests require a .proto file defining the service"),
  ])
  func otherBodiesAreRefused(type: String, body: String, answer: String) throws {
    let request = try FakeRequest("/a.B/C", type: type, bytes: Array(body.utf8))
    #expect(words(try self.plugin.access(request.context)) == answer)
    #expect(request.warnings.count == 1)
  }

  @Test func refusalsHaveAStatusOfGRPC() throws {
    let request = try FakeRequest("/", type: "application/grpc-web-text", bytes: nil)
    guard case .respond(let answer) = try self.plugin.access(request.context) else {
      Issue.record("no answer")
      return
    }
    #expect(answer.status == 413)
    #expect(answer.headers.contains { $0 == ("grpc-status", "8") })
    #expect(answer.headers.contains { $0 == ("grpc-message", "the request body is too large to be converted") })
  }

  @Test func theStrippedPathIsPassedWhereAsked() throws {
    let plugin = try instance(GRPCWebPlugin.self, ["pass_stripped_path": true])
    let request = try FakeRequest("/prefix/a.B/C", type: "application/grpc-web", bytes: nil)
    request.routedPath = "/a.B/C"
    #expect(words(try plugin.access(request.context)) == "next")
    #expect(request.upstreamPath == "/a.B/C")
  }

  // MARK: Responses

  @Test func messagesAndTrailersAreFrames() throws {
    let request = try self.request("application/grpc-web+proto")
    let parts = [frame("one"), frame("two")]
    #expect(
      try request.answer(self.plugin, parts, trailers: Self.ok + [("X-Own", "1")])
        == parts + [frame("grpc-status:0\r\ngrpc-message:\r\nx-own:1\r\n", flags: 0x80)])
    #expect(request.context.response.header("content-type") == "application/grpc-web+proto")
    #expect(request.context.response.header("grpc-status") == nil && request.responseTrailers.isEmpty)
    #expect(!request.isHeadHeld)
  }

  @Test func textIsEncodedPartByPart() throws {
    let body = frame("hello") + frame("") + frame("world!")
    for size in 1...body.count {
      let request = try self.request("application/grpc-web-text+proto", [])
      let parts = stride(from: 0, to: body.count, by: size).map { Array(body[$0..<min($0 + size, body.count)]) }
      let output = try #require(try request.answer(self.plugin, parts, trailers: Self.ok))
      #expect(output.allSatisfy { $0.count % 4 == 0 } && output.count == parts.count + 1)
      #expect(zip(output, parts).allSatisfy { WebText.decoded($0) == $1 })
      #expect(WebText.decoded(Array(output.joined())) == body + Self.trailers)
      #expect(request.context.response.header("content-type") == "application/grpc-web-text+proto")
    }
  }

  /// Said twice, clients fail.
  @Test func aStatusInTheHeadStaysThere() throws {
    let request = try self.request("application/grpc-web")
    let output = try request.answer(
      self.plugin, headers: [("grpc-status", "5"), ("grpc-message", "gone")], [], trailers: [])
    #expect(output == [[]])
    #expect(request.context.response.header("grpc-status") == "5" && request.status == 200)
    #expect(request.context.response.headers("access-control-expose-headers") == ["grpc-status,grpc-message"])
  }

  @Test func aMissingStatusIsUnknown() throws {
    let request = try self.request("application/grpc-web")
    let output = try request.answer(self.plugin, [frame("x")], trailers: [("a", "b")])
    let text = "a:b\r\ngrpc-status:2\r\ngrpc-message:the service did not send grpc-status\r\n"
    #expect(output?.last == frame(text, flags: 0x80))
  }

  @Test func otherResponsesPassWithAStatus() throws {
    let request = try self.request("application/grpc-web")
    let output = try request.answer(self.plugin, status: 503, type: "text/html", [Array("busy".utf8)], trailers: [])
    #expect(output == [Array("busy".utf8)] && request.status == 503)
    #expect(request.context.response.header("grpc-status") == "14")
    #expect(request.context.response.header("content-type") == "text/html")
  }

  @Test func answersOfTheGatewayHaveAStatus() throws {
    // Another plugin has answered before this one had its turn.
    let request = try FakeRequest("/a.B/C", type: "application/grpc-web-text", bytes: nil)
    request.status = 401
    try self.plugin.headerFilter(request.context)
    let response = request.context.response
    #expect(response.header("grpc-status") == "16" && response.header("grpc-message") == "Unauthenticated")
    #expect(response.header("access-control-allow-origin") == "*" && !self.plugin.filtersBody(request.context))
    let page = try FakeRequest("/", type: "text/html", bytes: nil)
    page.status = 404
    try self.plugin.headerFilter(page.context)
    #expect(page.context.response.header("grpc-status") == nil)
  }

  // MARK: CORS

  @Test func preflightsAreAnswered() throws {
    let request = try FakeRequest("/a.B/C", method: "OPTIONS")
    guard case .respond(let answer) = try self.plugin.access(request.context) else {
      Issue.record("no answer")
      return
    }
    #expect(answer.status == 200)
    let fields = answer.headers.map { "\($0.name): \($0.value)" }
    #expect(
      fields == [
        "Content-Type: application/grpc-web-text+proto", "Access-Control-Allow-Methods: POST",
        "Access-Control-Allow-Headers: content-type,x-grpc-web,x-user-agent",
      ])
    let asking = try FakeRequest(
      "/a.B/C", method: "OPTIONS", headers: [("Access-Control-Request-Headers", "authorization,x-own")])
    guard case .respond(let other) = try self.plugin.access(asking.context) else { return }
    #expect(other.headers.last?.value == "authorization,x-own")
    try self.plugin.headerFilter(asking.context)
    #expect(asking.context.response.headers("access-control-allow-origin") == ["*"])
    #expect(asking.context.response.header("access-control-expose-headers") == nil)
  }

  @Test func theOriginIsTheConfiguredOne() throws {
    let plugin = try instance(GRPCWebPlugin.self, ["allow_origin_header": "https://shop.example"])
    let request = try self.request("application/grpc-web", nil, plugin)
    _ = try request.answer(plugin, [], trailers: Self.ok)
    #expect(request.context.response.headers("access-control-allow-origin") == ["https://shop.example"])
    let other = try self.request("application/grpc-web", nil, plugin)
    // What the cors plugin has said stays.
    other.context.response.setHeader("Access-Control-Allow-Origin", "https://cors.example")
    _ = try other.answer(plugin, [], trailers: Self.ok)
    #expect(other.context.response.headers("access-control-allow-origin") == ["https://cors.example"])
  }

  // MARK: JSON

  @Test func framedJSONBecomesMessages() throws {
    let bench = try GRPCBench()
    let plugin = try bench.web()
    let request = try self.request("application/grpc-web+json", frame(#"{"name":"a","size":3}"#), plugin)
    #expect(request.sentBody == frame([0x0A, 1, 0x61, 0x10, 3]))
    let output = try request.answer(plugin, [frame(GRPCBench.item) + frame([])], trailers: Self.ok)
    #expect(
      output?.joined().elementsEqual(
        frame(GRPCBench.itemJSON) + frame(#"{"name":"","count":"0"}"#) + Self.trailers) == true)
    let text = try self.request("application/grpc-web-text+json", WebText.encoded(frame("{}")), plugin)
    #expect(text.sentBody == frame([]))
    let encoded = try #require(try text.answer(plugin, [frame(GRPCBench.item)], trailers: Self.ok))
    #expect(WebText.decoded(Array(encoded.joined())) == frame(GRPCBench.itemJSON) + Self.trailers)
  }

  @Test func bareJSONIsAnsweredInKind() throws {
    let plugin = try GRPCBench().web()
    let request = try self.request("application/json", Array(#"{"name":"a"}"#.utf8), plugin)
    #expect(request.sentBody == frame([0x0A, 1, 0x61]))
    #expect(try request.text(plugin, [frame(GRPCBench.item)]) == GRPCBench.itemJSON)
    #expect(request.isHeadHeld && request.context.response.header("content-type") == "application/json")
    let failing = try self.request("application/json", Array("{}".utf8), plugin)
    #expect(
      try failing.text(plugin, [], trailers: [("grpc-status", "5"), ("grpc-message", "no%20item")])
        == #"{"code":5,"message":"no item"}"#)
    #expect(failing.status == 404)
  }

  @Test(arguments: [
    ("application/json", "[]", "400 expected an object"),
    ("application/json", "{", "400 the body is not valid JSON: expected a member name in quotes at line 1 column 2"),
    ("application/json", #"{"name":1}"#, "400 name: expected a string"),
    ("application/grpc-web+json", "{}", "400 expected one message in a frame"),
    ("application/grpc-web-text+json", "!", "400 the request body is not valid base64"),
  ])
  func otherJSONIsRefused(type: String, body: String, answer: String) throws {
    let plugin = try GRPCBench().web()
    let request = try FakeRequest("/shop.Items/Get", type: type, bytes: Array(body.utf8))
    #expect(words(try plugin.access(request.context)) == answer)
    let unknown = try FakeRequest("/shop.Items/Nope", type: "application/json", bytes: [])
    #expect(words(try plugin.access(unknown.context)) == "400 Unknown path \"/shop.Items/Nope\"")
  }

  @Test func answersThatCannotBeConvertedAreErrors() throws {
    let plugin = try GRPCBench().web()
    for body in [frame([0x0A, 9]), frame([], flags: 1), [0, 0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0]] {
      let request = try self.request("application/grpc-web+json", frame("{}"), plugin)
      let output = try #require(try request.answer(plugin, [body], trailers: Self.ok))
      let text = "grpc-status:13\r\ngrpc-message:the answer of the service cannot be converted\r\n"
      #expect(Array(output.joined()) == frame(text, flags: 0x80), "\(body)")
      #expect(request.warnings.count == 1)
    }
  }
}
