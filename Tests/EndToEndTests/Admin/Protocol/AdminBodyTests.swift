// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Bodies: JSON, forms, multipart, and what is none of them (facts: admin-api.md 1; the notes, 5 and 15).
@Suite struct AdminBodyTests {
  private typealias Admin = AdminGateway
  private static let unparsable: JSON = ["message": "Cannot parse JSON body"]

  static let broken = [
    "", " ", "{", "{\"host\":}", "host=h", "{'host':'h'}", "{\"host\":\"h\"} x", "{\"host\":\"\\x\"}",
  ]

  @Test(arguments: Self.broken, ["POST", "PUT", "PATCH"])
  func brokenJSONIsRefused(text: String, method: String) throws {
    _ = try Admin.send("PUT", "/services/broken-json", .json(["host": "h"]))
    let path = method == "POST" ? "/services" : "/services/broken-json"
    expect(try Admin.send(method, path, .json(text: text)), 400, Self.unparsable)
  }

  /// Kong fails inside at these.
  @Test(arguments: ["1", "\"x\"", "true", "null"]) func jsonThatIsNoObjectIsRefused(text: String) throws {
    expect(try Admin.send("POST", "/services", .json(text: text)), 400, Self.unparsable)
  }

  @Test func anArrayIsNoEntity() throws {
    expect(
      try Admin.send("POST", "/services", .json(text: "[]")), 400,
      AdminError.violation("host", "required field missing"))
    expect(try Admin.send("POST", "/services", .json(text: "[1]")), 400)
  }

  @Test func readingIgnoresBodies() throws {
    _ = try Admin.send("PUT", "/services/read-body", .json(["host": "h"]))
    expect(try Admin.send("GET", "/services/read-body", .json(text: "{junk")), 200)
    expect(try Admin.send("DELETE", "/services/read-body", .json(text: "{junk")), 204)
  }

  /// In Kong the last one counts, and the others are lost without a word.
  @Test func equalMembersAreRefused() throws {
    let reply = try Admin.send("POST", "/services", .json(text: #"{"host":"a.test","host":"b.test"}"#))
    expect(reply, 400)
    #expect(reply.json["message"].string?.contains("host") == true)
  }

  @Test func jsonIsNotConverted() throws {
    for (body, field, message) in [
      (#"{"host":"h","port":"80"}"#, "port", "expected an integer"),
      (#"{"host":"h","port":80.5}"#, "port", "expected an integer"),
      (#"{"host":"h","enabled":"true"}"#, "enabled", "expected a boolean"),
      (#"{"host":80}"#, "host", "expected a string"),
    ] {
      expect(try Admin.send("POST", "/services", .json(text: body)), 400, AdminError.violation(field, message))
    }
    let reply = try Admin.send("POST", "/services", .json(text: #"{"host":"h","port":80.0}"#))
    expect(reply, 201)
    #expect(reply.text.contains(#""port":80,"#))
  }

  static let types: [(String?, Int)] = [
    ("application/json", 201), ("application/json; charset=utf-8", 201), ("text/plain", 415), (nil, 415),
    ("application/xml", 415), ("application/yaml", 415), ("", 415),
  ]

  @Test(arguments: Self.types) func theMediaTypeMustBeKnown(type: String?, status: Int) throws {
    expect(try Admin.send("POST", "/services", .text(#"{"host":"h"}"#, type: type)), status)
  }

  @Test func theMediaTypeGoesBeforeTheMethod() throws {
    expect(try Admin.send("POST", "/", .text("x", type: "text/plain")), 415)
    expect(try Admin.send("POST", "/nope", .text("x", type: "text/plain")), 415)
    expect(try Admin.send("POST", "/nope", .json([:])), 404, AdminError.notFound)
  }

  @Test func formsAreReadByTheSchema() throws {
    let service = try Admin.make("/services", ["host": "h"])
    let form = """
      name=form-1&hosts[]=a.test&hosts[]=b.test&paths=/one&methods%5B%5D=GET&strip_path=false&regex_priority=7\
      &service.id=\(service)&headers.x-one=1&tags[2]=second&tags[1]=first&snis=
      """
    let reply = try Admin.send("POST", "/routes", .form(form))
    expect(reply, 201)
    #expect(reply.json["hosts"] == ["a.test", "b.test"] && reply.json["paths"] == ["/one"])
    #expect(reply.json["methods"] == ["GET"] && reply.json["strip_path"] == false)
    #expect(reply.json["regex_priority"] == 7 && reply.json["service"] == ["id": .string(service)])
    #expect(reply.json["headers"] == ["x-one": ["1"]] && reply.json["tags"] == ["first", "second"])
    #expect(reply.json["snis"] == nil)
  }

  @Test func whatDoesNotFitStaysText() throws {
    expect(
      try Admin.send("POST", "/services", .form("host=h&port=many&enabled=maybe")), 400,
      AdminError.violation(
        "2 schema violations (enabled: expected a boolean; port: expected an integer)",
        ["enabled": "expected a boolean", "port": "expected an integer"]))
    expect(
      try Admin.send("POST", "/services", .form("host=h&nope=1")), 400, AdminError.violation("nope", "unknown field"))
    expect(
      try Admin.send("POST", "/services", .form("host=")), 400, AdminError.violation("host", "required field missing"))
  }

  @Test func formsAreDecoded() throws {
    let reply = try Admin.send("POST", "/consumers", .form("username=J%C3%BCrgen+%26+S%C3%B6hne"))
    expect(reply, 201)
    #expect(reply.json["username"] == "Jürgen & Söhne")
  }

  @Test func multipartIsReadLikeAForm() throws {
    let reply = try Admin.send(
      "POST", "/services", .multipart([("host", "h"), ("port", "8080"), ("tags[]", "one"), ("tags[]", "two")]))
    expect(reply, 201)
    #expect(reply.json["port"] == 8080 && reply.json["tags"] == ["one", "two"])
    expect(
      try Admin.send("POST", "/services", .multipart([("port", "many")])), 400,
      AdminError.violation(
        "2 schema violations (host: required field missing; port: expected an integer)",
        ["host": "required field missing", "port": "expected an integer"]))
  }

  @Test func aFormHasAtMostAThousandArguments() throws {
    let form = (0..<1001).map { "a\($0)=1" }.joined(separator: "&")
    expect(try Admin.send("POST", "/services", .form(form)), 400, ["message": "Too many arguments"])
  }

  @Test func aBodyHasAtMostTenMegabytes() throws {
    let limit = 10 << 20
    let most = String(repeating: "x", count: limit)
    expect(try Admin.send("POST", "/services", .json(text: most)), 400, Self.unparsable)
    expect(try Admin.send("POST", "/services", .json(text: most + "x")), 413)
  }

  @Test func deepNestingIsRefused() throws {
    let deep = String(repeating: "[", count: 100_000)
    expect(try Admin.send("POST", "/services", .json(text: deep)), 400, Self.unparsable)
  }

  @Test func aLieAboutTheBodyEndsTheConnectionOnly() throws {
    let gateway = try AdminGateway.shared()
    let client = try RawClient(port: gateway.adminPort)
    try client.send("POST /services HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{}")
    client.close()
    let other = try RawClient(port: gateway.adminPort)
    try other.send("this is no HTTP\r\n\r\n")
    #expect(try other.response().status == 400)
    expect(try gateway.admin("GET", "/plugins/enabled"), 200)
  }
}
