// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

/// What `/apis` refuses, in the flat form of Kong's first versions.
@Suite struct ApiRefusalTests {
  /// The answer to an API that is fine but for these fields. Nothing may be left of what is refused.
  private func refusal(_ fields: JSONObject) async throws -> AdminFixture.Reply {
    let fixture = try await AdminFixture()
    var api: JSONObject = ["name": "a", "upstream_url": "http://h.test", "uris": ["/a"]]
    for member in fields { api[member.key] = member.value }
    let reply = await fixture.post("/apis", api)
    let services = await fixture.get("/services").data
    let routes = await fixture.get("/routes").data
    #expect(services.count == (reply.status == 201 ? 1 : 0) && routes.count == services.count)
    return reply
  }

  @Test(
    arguments: [
      (["name": "", "upstream_url": .null], ["name": "name is required", "upstream_url": "upstream_url is required"]),
      (["name": "a b"], ["name": "name must only contain alphanumeric and '., -, _, ~' characters"]),
      (["name": 1], ["name": "name is not a string"]),
      (["id": "x"], ["id": "x is not a valid uuid"]),
      (["created_at": "yesterday"], ["created_at": "created_at is not a timestamp"]),
      (["created_at": -5], ["created_at": "created_at is not a timestamp"]),
      (["upstream_url": "h.test"], ["upstream_url": "upstream_url is not a url"]),
      (["upstream_url": 5], ["upstream_url": "upstream_url is not a url"]),
      (["upstream_url": "ftp://h.test"], ["upstream_url": "Supported protocols are HTTP and HTTPS"]),
      (["retries": "many"], ["retries": "retries is not a number"]),
      (["retries": 32768], ["retries": "must be an integer between 0 and 32767"]),
      (["retries": 1.5], ["retries": "must be an integer between 0 and 32767"]),
      (["upstream_read_timeout": 0], ["upstream_read_timeout": "must be an integer between 1 and 2147483647"]),
      (["https_only": "yes"], ["https_only": "https_only is not a boolean"]),
      (["hosts": 1], ["hosts": "hosts is not an array"]),
      (["path": "/", "x": 1], ["path": "path is an unknown field", "x": "x is an unknown field"]),
      (["uris": []], ["message": "at least one of 'hosts', 'uris' or 'methods' must be specified"]),
    ] as [(JSONObject, JSONObject)])
  func badFieldsAreNamedAllAtOnce(fields: JSONObject, faults: JSONObject) async throws {
    let reply = try await self.refusal(fields)
    #expect(reply.status == 400 && reply.json == .object(faults), "\(reply)")
  }

  @Test(
    arguments: [
      (1, "must be a string"), ("", "host is empty"), ("a b", "Invalid hostname"), ("a.test:80", "Invalid hostname"),
      ("a.*.test", "Invalid wildcard placement"), ("*a.test", "Invalid wildcard placement"),
      ("*.a.*", "Only one wildcard is allowed"),
    ] as [(JSONValue, String)])
  func theFirstBadHostIsNamed(host: JSONValue, reason: String) async throws {
    let reply = try await self.refusal(["hosts": ["good.test", host, "also bad"]])
    let text = host.stringValue ?? host.description
    #expect(reply.status == 400, "\(reply)")
    #expect(reply.json == ["hosts": .string("host with value '\(text)' is invalid: \(reason)")], "\(reply)")
  }

  @Test(arguments: ["a.test", "*.a.test", "a.*", "127.0.0.1", "a_b"])
  func goodHostsAreTaken(host: String) async throws {
    #expect(try await self.refusal(["hosts": [.string(host)]]).status == 201)
    #expect(try await self.refusal(["request_host": .string(host)]).status == 201)
  }

  @Test(
    arguments: [
      (false, "must be a string"), ("", "uri is empty"), ("a", "must be prefixed with slash"), ("/a//b", "invalid"),
      ("/%zz", "must use proper encoding; '%zz' is invalid"), ("/a%2", "must use proper encoding; '%2' is invalid"),
    ] as [(JSONValue, String)])
  func theFirstBadUriIsNamed(uri: JSONValue, reason: String) async throws {
    let reply = try await self.refusal(["uris": ["/good", uri]])
    let text = uri.stringValue ?? uri.description
    #expect(reply.status == 400, "\(reply)")
    #expect(reply.json == ["uris": .string("uri with value '\(text)' is invalid: \(reason)")], "\(reply)")
  }

  @Test func aRegularExpressionThatIsNoneIsRefused() async throws {
    let reply = try await self.refusal(["uris": ["/a(b"]])
    #expect(reply.status == 400, "\(reply)")
    #expect(reply["uris"]?.stringValue?.hasPrefix("invalid regex: '/a(b'") == true, "\(reply)")
  }

  @Test(
    arguments: [("get", "invalid value"), ("", "method is empty"), (3, "must be a string")] as [(JSONValue, String)])
  func theFirstBadMethodIsNamed(method: JSONValue, reason: String) async throws {
    let reply = try await self.refusal(["methods": ["GET", method]])
    let text = method.stringValue ?? method.description
    #expect(reply.json == ["methods": .string("method with value '\(text)' is invalid: \(reason)")], "\(reply)")
  }

  @Test(
    arguments: [
      (["request_host": "a b"], ["request_host": "Invalid value: a b"]),
      (["request_host": "a.*.b"], ["request_host": "Invalid wildcard placement: a.*.b"]),
      (["request_host": "*.*"], ["request_host": "Only one wildcard is allowed: *.*"]),
      (["request_path": "a"], ["request_path": "must be prefixed with slash: 'a'"]),
      (["request_path": "/a//b"], ["request_path": "invalid: '/a//b'"]),
      (
        ["request_path": "/a(b)"],
        ["request_path": "must only contain alphanumeric and '., -, _, ~, /, %' characters"]
      ),
      (["request_path": "/%zz"], ["request_path": "must use proper encoding; '%zz' is invalid"]),
      (["request_path": ["/a"]], ["request_path": "request_path is not a string"]),
    ] as [(JSONObject, JSONObject)])
  func badHostsAndPathsOfTheFirstGenerationAreNamed(fields: JSONObject, faults: JSONObject) async throws {
    let reply = try await self.refusal(fields)
    #expect(reply.status == 400 && reply.json == .object(faults), "\(reply)")
  }

  @Test func theSecondGenerationNeedsAName() async throws {
    let fixture = try await AdminFixture()
    let reply = await fixture.post("/apis", ["uris": "/a", "upstream_url": "http://h.test"])
    #expect(reply.status == 400 && reply.json == ["name": "name is required"])
  }

  @Test func aTakenNameIsAConflict() async throws {
    let fixture = try await AdminFixture()
    let api: JSONObject = ["name": "a", "uris": "/a", "upstream_url": "http://h.test"]
    #expect(await fixture.post("/apis", api).status == 201)
    let again = await fixture.post("/apis", api)
    #expect(again.status == 409 && again.json == ["name": "already exists with value 'a'"], "\(again)")
  }

  @Test func aNameThatOnlyARouteHasIsAConflictAndLeavesNoService() async throws {
    let fixture = try await AdminFixture()
    #expect(await fixture.post("/routes", ["name": "a", "paths": ["/a"]]).status == 201)
    let reply = await fixture.post("/apis", ["name": "a", "uris": "/a", "upstream_url": "http://h.test"])
    #expect(reply.status == 409 && reply.json == ["name": "already exists with value 'a'"], "\(reply)")
    #expect(await fixture.get("/services").data.isEmpty)
  }
}
