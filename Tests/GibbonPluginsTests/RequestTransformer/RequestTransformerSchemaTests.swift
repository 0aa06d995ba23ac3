// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonPlugins

@Suite struct RequestTransformerSchemaTests {
  @Test func defaultsAreKongs() throws {
    let lists = #"{"body":[],"headers":[],"querystring":[]}"#
    let expected =
      #"{"http_method":null,"remove":\#(lists),"rename":\#(lists),"replace":{"body":[],"headers":[],"querystring":[],"#
      + #""uri":null},"add":\#(lists),"append":\#(lists)}"#
    #expect(outcome("request-transformer", [:]) == expected)
  }

  @Test func everyProtocolMayBeNamed() throws {
    let entity = try validate("request-transformer", [:]).get()
    #expect(entity["protocols"]?.description == #"["grpc","grpcs","http","https"]"#)
    #expect(!outcome("request-transformer", [:], ["protocols": ["tcp", "udp"]]).contains("protocols"))
  }

  static let valid: [JSONValue] = [
    ["http_method": "GET"], ["http_method": "ANYTHING"], ["remove": ["headers": ["x", "X_Y-1", "a:b"]]],
    ["remove": ["body": ["a", "a b:c"], "querystring": ["q[1]"]]], ["rename": ["headers": ["a:b"], "body": ["a:b c"]]],
    [
      "add": [
        "headers": ["a:", "a:b:c", "a:$(headers.x)"], "querystring": ["uri_param1:$(uri_captures.user1)", "a::b"],
      ]
    ],
    ["append": ["body": ["a:#b"]]], ["replace": ["uri": "/a/$(uri_captures[1])", "headers": ["host:x"]]],
    ["add": ["body": ["a:$(unclosed", "b:$5"]]], ["add": ["headers": ["x-a:$(type(headers.x))"]]],
    ["replace": ["uri": "/r/$((function() return 1 end)())"]],
  ]

  @Test(arguments: Self.valid) func isAccepted(config: JSONValue) {
    #expect(outcome("request-transformer", config).hasPrefix("{"), "\(outcome("request-transformer", config))")
  }

  static let invalid: [(JSONValue, String)] = [
    (["http_method": "HELLO!"], "config.http_method: invalid value: HELLO!"),
    (["http_method": "get"], "config.http_method: invalid value: get"),
    (["remove": ["headers": ["bad name"]]], "'bad name' is not a valid header"),
    (["remove": ["headers": [""]]], "length must be at least 1"),
    (["remove": ["body": [1]]], "expected a string"), (["remove": ["uri": "/"]], "unknown field"),
    (["rename": ["headers": ["a"]]], "invalid value: a"), (["rename": ["headers": ["a:"]]], "'' is not a valid header"),
    (["rename": ["headers": ["a:b c"]]], "'b c' is not a valid header"),
    (["rename": ["headers": ["a:$(headers.x)"]]], "'$(headers.x)' is not a valid header"),
    (["rename": ["body": ["a"]]], "key 'a' has no value"),
    (["rename": ["querystring": ["a:"]]], "key 'a' has no value"),
    (["replace": ["headers": ["a"]]], "invalid value: a"), (["add": ["headers": ["é:b"]]], "'é' is not a valid header"),
    (["add": ["querystring": ["uri_param2:"]]], "key 'uri_param2' has no value"),
    (["add": ["body": [":x"]]], "key '' has no value"), (["append": ["body": "a:b"]], "expected an array"),
    (
      ["add": ["querystring": ["uri_param2:$(uri_captures user2)"]]],
      "value '$(uri_captures user2)' is not in supported format, error:unsupported expression $(uri_captures user2)"
    ),
    (
      ["replace": ["uri": "/r/$((function() return 1)())"]],
      "value '/r/$((function() return 1)())' is not in supported format, error:unsupported "
    ),
    (["replace": .null, "unknown": 1], "unknown field"),
  ]

  @Test(arguments: Self.invalid) func isRefused(config: JSONValue, message: String) {
    let found = outcome("request-transformer", config)
    #expect(found.contains(message), "\(found)")
  }
}
