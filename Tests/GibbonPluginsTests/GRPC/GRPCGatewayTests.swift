// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

@Suite struct GRPCGatewayTests {
  private let bench: GRPCBench
  private let plugin: GRPCGatewayPlugin

  init() throws {
    self.bench = try GRPCBench()
    self.plugin = try self.bench.gateway()
  }

  private func request(_ target: String, method: String = "GET", _ body: String = "") throws -> FakeRequest {
    let request = try FakeRequest(target, method: method, headers: [("Content-Encoding", "x")], body: body)
    #expect(words(try self.plugin.access(request.context)) == "next")
    return request
  }

  // MARK: Requests

  @Test func requestsBecomeCalls() throws {
    let request = try self.request("/v1/items/1?size=3&deep=true&nope=1")
    #expect(
      request.upstreamMethod == "POST" && request.upstreamPath == "/shop.Items/Get" && request.upstreamQuery == "")
    #expect(request.sentBody == frame([0x0A, 7] + Array("items/1".utf8) + [0x10, 3, 0x18, 1]))
    #expect(request.upstreamHeader("content-type") == ["application/grpc"])
    #expect(request.upstreamHeader("content-encoding") == [])
    let post = try self.request("/v1/items", method: "POST", #"{"name":"a","size":3,"other":null}"#)
    #expect(post.sentBody == frame([0x0A, 1, 0x61, 0x10, 3]))
    #expect(try self.request("/v1/watch").sentBody == frame([]))
  }

  @Test(arguments: [
    ("GET", "/v1/nope", "", #"400 failed to transcode .proto file Unknown path "/v1/nope""#),
    ("DELETE", "/v1/items/1", "", #"400 failed to transcode .proto file Unknown method "DELETE""#),
    ("GET", "/v1/items/1?size=x", "", "400 size: expected an integer of 32 bits"),
    ("POST", "/v1/items", "{", "400 the body is not valid JSON: expected a member name in quotes at line 1 column 2"),
    ("POST", "/v1/items", #"{"name":{}}"#, "400 name: expected a string"),
    ("POST", "/shop.Items/Get", "", #"400 failed to transcode .proto file Unknown path "/shop.Items/Get""#),
  ])
  func otherRequestsAreRefused(method: String, target: String, body: String, answer: String) throws {
    let request = try FakeRequest(target, method: method, body: body)
    #expect(words(try self.plugin.access(request.context)) == answer)
    #expect(request.warnings.count == 1)
  }

  @Test func bodiesThatDoNotFitAreRefused() throws {
    let request = try FakeRequest("/v1/items", method: "POST")
    #expect(words(try self.plugin.access(request.context)) == "413 the request body is too large to be converted")
  }

  @Test func withoutAFileNothingIsConverted() throws {
    let plugin = try instance(GRPCGatewayPlugin.self)
    let request = try FakeRequest("/v1/items/1")
    #expect(
      words(try plugin.access(request.context))
        == "400 transcoding requests require a .proto file defining the service")
    #expect(!plugin.wantsRequestBody && self.plugin.wantsRequestBody)
  }

  @Test func preflightsAreAnswered() throws {
    func fields(_ headers: [(String, String)]) throws -> [String] {
      let request = try FakeRequest("/v1/items", method: "OPTIONS", headers: headers)
      guard case .respond(let answer) = try self.plugin.access(request.context) else { return [] }
      #expect(words(.respond(answer)) == "200 OK")
      try self.plugin.headerFilter(request.context)
      #expect(request.context.response.headers("access-control-allow-origin") == ["*"])
      return answer.headers.map { "\($0.name): \($0.value)" }
    }
    #expect(
      try fields([]) == [
        "Content-Type: application/json", "Access-Control-Allow-Methods: GET,POST,PATCH,DELETE",
        "Access-Control-Allow-Headers: content-type",
      ])
    let asked = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "authorization")]
    #expect(
      try fields(asked) == [
        "Content-Type: application/json", "Access-Control-Allow-Methods: GET,POST,PATCH,DELETE,PUT",
        "Access-Control-Allow-Headers: authorization",
      ])
  }

  // MARK: Responses

  @Test func messagesBecomeJSON() throws {
    let body = frame(GRPCBench.item)
    for cut in 0...body.count {
      let request = try self.request("/v1/items/1")
      #expect(try request.text(self.plugin, [Array(body[..<cut]), Array(body[cut...])]) == GRPCBench.itemJSON)
      let response = request.context.response
      #expect(request.status == 200 && request.isHeadHeld && response.trailers.isEmpty)
      #expect(response.header("content-type") == "application/json" && response.header("grpc-status") == nil)
    }
  }

  @Test func aFieldCanBeTheResponse() throws {
    let request = try self.request("/v1/items", method: "PUT", "{}")
    #expect(try request.text(self.plugin, [frame([0x1A, 3, 0x0A, 1, 0x62])]) == #"{"id":"b"}"#)
    #expect(try self.request("/v1/items", method: "PUT", "{}").text(self.plugin, [frame(GRPCBench.item)]) == "null")
  }

  @Test func largeMessagesAreConvertedElsewhere() throws {
    let name = String(repeating: "n", count: 20_000)
    let message = [0x0A, 0xA0, 0x9C, 0x01] + Array(name.utf8)
    let request = try self.request("/v1/items/1")
    let text = try request.text(self.plugin, [MessageFrames.frame(message)])
    #expect(text == "{\"name\":\"\(name)\",\"count\":\"0\"}")
    let broken = try self.request("/v1/items/1")
    #expect(try broken.text(self.plugin, [MessageFrames.frame(message + [0x0A])]) == nil)
  }

  /// A status after the body, one in the head of an answer without one, and one that is missing.
  @Test(
    arguments: [
      ([("grpc-status", "5"), ("grpc-message", "no%20item")], 404, #"{"code":5,"message":"no item"}"#, "5"),
      ([("grpc-status", "14")], 503, #"{"code":14,"message":""}"#, "14"),
      ([("grpc-status", "16"), ("grpc-message", "é\"")], 401, #"{"code":16,"message":"é\""}"#, "16"),
      ([("grpc-status", "77")], 500, #"{"code":77,"message":""}"#, "77"),
      ([], 500, #"{"code":2,"message":"the service did not send grpc-status"}"#, "2"),
    ] as [([(String, String)], UInt16, String, String)])
  func errorsBecomeStatusesAndJSON(
    trailers: [(String, String)], status: UInt16, json: String, code: String
  ) throws {
    for parts in [[], [frame(GRPCBench.item)]] {
      let request = try self.request("/v1/items/1")
      #expect(try request.text(self.plugin, parts, trailers: trailers) == json)
      #expect(request.status == status && request.context.response.header("grpc-status") == code)
    }
    guard !trailers.isEmpty else { return }
    let alone = try self.request("/v1/items/1")
    #expect(try alone.text(self.plugin, headers: trailers, [], trailers: []) == json)
    #expect(alone.status == status)
  }

  @Test func detailsAreShown() throws {
    // google.rpc.Status with an Any that has a google.rpc.Status with code 9.
    let inner = Array("x/google.rpc.Status".utf8)
    let any = [0x0A, UInt8(inner.count)] + inner + [0x12, 2, 0x08, 9]
    let details = [0x08, 5, 0x1A, UInt8(any.count)] + any
    let request = try self.request("/v1/items/1")
    let text = try request.text(
      self.plugin, [],
      trailers: [("grpc-status", "5"), ("grpc-status-details-bin", Base64.standard.encoded(details, isPadded: false))])
    #expect(
      text == #"{"code":5,"message":"","details":[{"@type":"x/google.rpc.Status","code":9,"message":"","details":[]}]}"#
    )
  }

  @Test(arguments: [
    [frame([0x0A, 9])], [frame([], flags: 1)], [[0, 0xFF, 0xFF, 0xFF, 0xFF]], [[0, 0, 0]], [], [frame([]) + frame([])],
    [frame(GRPCBench.item) + [0]],
  ])
  func answersThatCannotBeConvertedAreErrors(parts: [[UInt8]]) throws {
    let request = try self.request("/v1/items/1")
    #expect(
      try request.text(self.plugin, parts)
        == #"{"code":13,"message":"the answer of the service cannot be converted"}"#)
    #expect(request.status == 500 && request.warnings.count == 1)
  }

  @Test func streamsAreLines() throws {
    let request = try self.request("/v1/watch")
    let item = frame(GRPCBench.item)
    let output = try request.answer(
      self.plugin, [item, Array(item[..<3]), Array(item[3...]) + item], trailers: GRPCBench.ok)
    let line = GRPCBench.itemJSON + "\n"
    #expect(output?.map { String(decoding: $0, as: UTF8.self) } == [line, "", line + line, ""])
    #expect(try self.request("/v1/watch").text(self.plugin, []) == "")
  }

  @Test func streamsEndWithTheirError() throws {
    let trailers = [("grpc-status", "14"), ("grpc-message", "bye")]
    let early = try self.request("/v1/watch")
    #expect(try early.text(self.plugin, [], trailers: trailers) == #"{"code":14,"message":"bye"}"#)
    #expect(early.status == 503)
    let late = try self.request("/v1/watch")
    #expect(
      try late.text(self.plugin, [frame(GRPCBench.item)], trailers: trailers)
        == GRPCBench.itemJSON + "\n" + #"{"error":{"code":14,"message":"bye"}}"# + "\n")
    let broken = try self.request("/v1/watch")
    #expect(
      try broken.text(self.plugin, [frame(GRPCBench.item) + frame([0xFF]) + frame(GRPCBench.item)])
        == GRPCBench.itemJSON + "\n"
        + #"{"error":{"code":13,"message":"the answer of the service cannot be converted"}}"# + "\n")
  }

  @Test func otherResponsesPass() throws {
    let request = try self.request("/v1/items/1")
    #expect(try request.text(self.plugin, status: 502, type: "text/html", [Array("<p>".utf8)], trailers: []) == "<p>")
    #expect(request.status == 502 && request.context.response.header("content-type") == "text/html")
  }

  @Test func answersOfTheGatewayPass() throws {
    let request = try self.request("/v1/items/1")
    request.status = 429
    try self.plugin.headerFilter(request.context)
    #expect(!self.plugin.filtersBody(request.context) && request.status == 429 && !request.isHeadHeld)
    #expect(request.context.response.header("access-control-allow-origin") == "*")
  }
}
