// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonProto

@Suite struct RequestTranscoderTests {
  private static let types = """
    import "google/api/annotations.proto"; import "google/protobuf/wrappers.proto";
    import "google/protobuf/timestamp.proto"; import "google/protobuf/field_mask.proto";
    package t;
    message Req {
      string name = 1; int32 page_size = 2; bool deep = 3; repeated string tags = 4; Sub sub = 5; Kind kind = 6;
      google.protobuf.BoolValue flag = 7; google.protobuf.Int64Value size = 8; google.protobuf.Timestamp since = 9;
      google.protobuf.FieldMask mask = 10; bytes data = 11; map<string, string> labels = 12; repeated Kind kinds = 13;
      double ratio = 14;
    }
    message Sub { string id = 1; Sub sub = 2; bool on = 3; }
    enum Kind { NONE = 0; BIG = 3; }
    message Res { Sub sub = 1; }
    service S {
      rpc Get (Req) returns (Res) {
        option (google.api.http) = {
          get: "/v1/{name=items/*}"
          additional_bindings { get: "/v1/subs/{sub.id}" }
          additional_bindings: [{ post: "/v1/all" body: "*" },
            { put: "/v1/subs/{name}" body: "sub" response_body: "sub" }]
        };
      }
      rpc Run (Req) returns (stream Res) { option (google.api.http) = { post: "/v1/{name=items/*}:run" body: "*" }; }
      rpc Search (Req) returns (Res) { option (google.api.http).get = "/v1/search"; }
      rpc Head (Req) returns (Res) {
        option (google.api.http).custom.kind = "purge"; option (google.api.http).custom.path = "/v1/cache";
      }
      rpc Plain (Req) returns (Res);
    }
    """

  /// What the message of a request says, or what is wrong.
  private static func call(_ method: String, _ target: String, _ body: String = "") throws -> String {
    let pool = try pool(self.types)
    let parts = target.split(separator: "?", maxSplits: 1)
    switch pool.rules.match(method: method, path: String(parts[0])) {
    case .unknownMethod: return "unknown method"
    case .unknownPath: return "unknown path"
    case .found(let rule, let values):
      do {
        let query = FormText.arguments(parts.count > 1 ? Array(parts[1].utf8) : [])
        let message = try RequestTranscoder(pool).message(
          for: rule, values: values, query: query, body: Array(body.utf8))
        return "\(rule.call.path) \(message.hexadecimal)"
      } catch {
        return "\(error)"
      }
    }
  }

  private static func hexadecimal(_ json: String) throws -> String { try pool(self.types).encoded("t.Req", json) }

  @Test(arguments: [
    ("GET", "/v1/items/1", "", "Get", #"{"name":"items/1"}"#), ("GET", "/v1/subs/x", "", "Get", #"{"sub":{"id":"x"}}"#),
    ("GET", "/v1/items/1?page_size=5&deep=true", "", "Get", #"{"name":"items/1","page_size":5,"deep":true}"#),
    ("GET", "/v1/items/1?pageSize=5&deep", "", "Get", #"{"name":"items/1","page_size":5,"deep":true}"#),
    ("GET", "/v1/items/1?name=other&deep=0", "", "Get", #"{"name":"items/1"}"#),
    ("GET", "/v1/search?tags=a&tags=b%20c", "", "Search", #"{"tags":["a","b c"]}"#),
    ("GET", "/v1/search?tags=a", "", "Search", #"{"tags":["a"]}"#),
    ("GET", "/v1/search?sub.sub.id=x&sub.on=true", "", "Search", #"{"sub":{"sub":{"id":"x"},"on":true}}"#),
    ("GET", "/v1/search?kind=BIG&kinds=3&kinds=NONE", "", "Search", #"{"kind":"BIG","kinds":["BIG","NONE"]}"#),
    ("GET", "/v1/search?flag=false&size=9", "", "Search", #"{"flag":false,"size":"9"}"#),
    (
      "GET", "/v1/search?since=1970-01-01T00:00:01Z&mask=a,bC", "", "Search",
      #"{"since":"1970-01-01T00:00:01Z","mask":"a,bC"}"#
    ),
    ("GET", "/v1/search?data=AAE%3D&ratio=-1.5e3", "", "Search", #"{"data":"AAE=","ratio":-1500}"#),
    ("GET", "/v1/search?nope=1&sub.nope=2&sub=3&labels=4&labels.a=5", "", "Search", "{}"),
    ("GET", "/v1/search", "", "Search", "{}"),
    ("GET", "/v1/subs/x?sub.on=true&sub.id=y", "", "Get", #"{"sub":{"id":"x","on":true}}"#),
    ("POST", "/v1/all", #"{"name":"n","labels":{"a":"b"},"unknown":1}"#, "Get", #"{"name":"n","labels":{"a":"b"}}"#),
    ("POST", "/v1/all?name=x", "", "Get", "{}"), ("POST", "/v1/all", "{}", "Get", "{}"),
    ("POST", "/v1/items/2:run", #"{"name":"forged","deep":true}"#, "Run", #"{"name":"items/2","deep":true}"#),
    (
      "PUT", "/v1/subs/n?deep=true&sub.id=no", #"{"id":"body"}"#, "Get",
      #"{"name":"n","deep":true,"sub":{"id":"body"}}"#
    ),
    ("PUT", "/v1/subs/n", "null", "Get", #"{"name":"n"}"#), ("PURGE", "/v1/cache", "", "Head", "{}"),
  ])
  func requestsBecomeMessages(
    method: String, target: String, body: String, call: String, json: String
  ) throws {
    #expect(try Self.call(method, target, body) == "/t.S/\(call) \(Self.hexadecimal(json))")
  }

  @Test(arguments: [
    ("PATCH", "/v1/all", "", "unknown method"), ("get", "/v1/search", "", "unknown method"),
    ("GET", "/v1/nope", "", "unknown path"), ("POST", "/v1/search", "", "unknown path"),
    ("POST", "/v1/all", "[]", "expected an object as body"), ("POST", "/v1/all", "3", "expected an object as body"),
    ("POST", "/v1/all", #"{"page_size":"x"}"#, "page_size: expected an integer of 32 bits"),
    ("PUT", "/v1/subs/n", "[]", "sub: expected an object"),
    ("GET", "/v1/search?deep=maybe", "", "deep: expected true or false"),
    ("GET", "/v1/search?deep=", "", "deep: expected true or false"),
    ("GET", "/v1/search?page_size=1&page_size=2", "", "page_size: expected the field once"),
    ("GET", "/v1/search?page_size=x", "", "page_size: expected an integer of 32 bits"),
    ("GET", "/v1/search?kind=HUGE", "", "kind: expected a name or number of t.Kind"),
    ("GET", "/v1/search?name=%FF", "", "expected UTF-8 in the query"),
  ])
  func otherRequestsAreRefused(method: String, target: String, body: String, message: String) throws {
    #expect(try Self.call(method, target, body) == message)
  }

  @Test func bodiesAreStrictJSON() throws {
    for body in ["{", "{\"a\":1,\"a\":2}", "{} x", String(repeating: "[", count: 100_000), "\u{1}"] {
      #expect(try Self.call("POST", "/v1/all", body).hasPrefix("the body is not valid JSON"), "\(body.prefix(20))")
    }
  }

  private static func rule(_ rule: String) -> String {
    fault(
      """
      syntax = "proto3";
      message Q { string s = 1; repeated string r = 2; Q q = 3; }
      service S { rpc M (Q) returns (Q) { option (google.api.http) = \(rule); } }
      """)
  }

  @Test(arguments: [
    (#"{ get: "v1" }"#, "expected a path that begins with '/' in \"v1\""),
    (#"{ body: "*" }"#, "expected a method and a path: get, put, post, delete, patch or custom"),
    (#"{ get: "/a" post: "/b" }"#, "expected one method and path; others are additional_bindings"),
    (#"{ get: 5 }"#, "expected a string for get"), (#""x""#, "expected a rule in { } for google.api.http"),
    (
      #"{ fetch: "/a" }"#,
      "expected get, put, post, delete, patch, custom, body, response_body or additional_bindings, found 'fetch'"
    ),
    (#"{ get: "/{nope}" }"#, "expected a field of the request that is one value: nope"),
    (#"{ get: "/{r}" }"#, "expected a field of the request that is one value: r"),
    (#"{ get: "/{q}" }"#, "expected a field of the request that is one value: q"),
    (#"{ get: "/{s.x}" }"#, "expected a field of the request that is one value: s.x"),
    (#"{ post: "/a" body: "nope" }"#, "expected a field of the request as body: nope"),
    (#"{ get: "/a" response_body: "nope" }"#, "expected a field of the answer as response_body: nope"),
    (#"{ custom { kind: "X" } }"#, "expected a kind and a path in custom"),
    (
      #"{ get: "/a" additional_bindings { get: "/b" additional_bindings { get: "/c" } } }"#,
      "expected a rule without additional_bindings of its own in { }"
    ),
    (#"{ get: "/a" additional_bindings: 5 }"#, "expected a rule without additional_bindings of its own in { }"),
  ])
  func malformedRulesAreNamed(rule: String, message: String) { #expect(Self.rule(rule) == "test.proto:3: \(message)") }

  @Test func rulesWithAVerbComeFirst() throws {
    let pool = try pool(
      """
      message Q { string s = 1; }
      service S {
        rpc A (Q) returns (Q) { option (google.api.http) = { get: "/{s}" }; }
        rpc B (Q) returns (Q) { option (google.api.http) = { get: "/{s}:b" }; }
      }
      """)
    guard case .found(let rule, let values) = pool.rules.match(method: "GET", path: "/x:b") else {
      Issue.record("no rule")
      return
    }
    #expect(rule.call.path == "/S/B" && values == ["x"])
    guard case .found(let other, let names) = pool.rules.match(method: "GET", path: "/x:c") else {
      Issue.record("no rule")
      return
    }
    #expect(other.call.path == "/S/A" && names == ["x:c"])
  }
}
