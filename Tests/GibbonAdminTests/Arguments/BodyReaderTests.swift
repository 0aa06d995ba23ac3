// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct BodyReaderTests {
  private static let schema = ArgumentInferenceTests.schema
  private static let form = "application/x-www-form-urlencoded"
  private static let multipart = "multipart/form-data; boundary=B"

  private static func read(_ type: String?, _ body: String) throws -> JSONObject {
    try BodyReader.read(contentType: type, bytes: Array(body.utf8), schema: Self.schema).get()
  }

  @Test func jsonIsTakenAsItIs() throws {
    let body = #"{"port":"80","tags":"a","a.b":"","c[]":1,"name":""}"#
    #expect(
      try Self.read("application/json; charset=utf-8", body)
        == ["port": "80", "tags": "a", "a.b": "", "c[]": 1, "name": ""])
    #expect(try Self.read("application/json", "[]").isEmpty)
  }

  @Test(arguments: [
    "", " ", "{", "{}x", "{\"a\":1", "[1]", "[{}]", "null", "true", "false", "1", "\"a\"", "a=b", "\0", "{\"a\":\0}",
    String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
  ])
  func bodyThatIsNoJSONObjectIsRefused(body: String) {
    #expect(throws: ArgumentError.malformedJSON) { try Self.read("application/json", body) }
  }

  @Test func formIsDecodedNestedAndTyped() throws {
    let body = "name=a+b&port=80&tags[]=x&tags[]=y&redis.port=1&service.id=i&limits.a=2&headers.h=v&enabled=true"
    let typed: JSONObject = [
      "name": "a b", "port": 80, "tags": ["x", "y"], "redis": ["port": 1], "service": ["id": "i"],
      "limits": ["a": 2], "headers": ["h": ["v"]], "enabled": true,
    ]
    #expect(try Self.read(Self.form, body) == typed)
  }

  @Test func multipartBodyIsNestedAndTyped() throws {
    let part = "--B\r\nContent-Disposition: form-data; name="
    let body = part + "port\r\n\r\n80\r\n" + part + "\"tags[1]\"\r\n\r\nx\r\n--B--\r\n"
    #expect(try Self.read(Self.multipart, body) == ["port": 80, "tags": ["x"]])
  }

  @Test func withoutASchemaValuesStayTexts() throws {
    let read = BodyReader.read(contentType: Self.form, bytes: Array("a.b=1&c=".utf8), schema: nil)
    #expect(try read.get() == ["a": ["b": "1"], "c": ""])
  }

  @Test(arguments: [nil, "", form, multipart, "multipart/form-data"])
  func emptyBodyIsAnEmptyObject(type: String?) throws {
    #expect(try Self.read(type, "").isEmpty)
  }

  @Test(
    arguments: [
      (nil, "a=b"), ("", "{}"), ("text/plain", "a"), ("text/plain", ""), ("application/yaml", "a: b"),
    ] as [(String?, String)])
  func bodyOfAnotherTypeIsRefused(type: String?, body: String) {
    #expect(throws: ArgumentError.unsupportedMediaType) { try Self.read(type, body) }
  }

  @Test func multipartBodyWithoutABoundaryOrCutOffIsRefused() {
    #expect(throws: ArgumentError.malformedMultipart) { try Self.read("multipart/form-data", "--B--") }
    #expect(throws: ArgumentError.malformedMultipart) { try Self.read(Self.multipart, "--B\r\n") }
  }

  @Test func limitsOfFormsHoldForBodies() {
    let many = [String](repeating: "a=b", count: 1001).joined(separator: "&")
    #expect(throws: ArgumentError.tooMany) { try Self.read(Self.form, many) }
    #expect(throws: ArgumentError.tooDeep) { try Self.read(Self.form, String(repeating: "a.", count: 64) + "a=b") }
  }

  @Test func errorsHaveKongsStatusesAndMessages() {
    #expect(ArgumentError.malformedJSON.status == 400)
    #expect(ArgumentError.malformedJSON.message == "Cannot parse JSON body")
    #expect(ArgumentError.tooMany.status == 400)
    #expect(ArgumentError.tooMany.message == "Too many arguments")
    #expect(ArgumentError.unsupportedMediaType.status == 415)
    #expect(ArgumentError.unsupportedMediaType.message == nil)
    #expect(ArgumentError.tooDeep.status == 400)
    #expect(ArgumentError.malformedMultipart.status == 400)
  }
}
