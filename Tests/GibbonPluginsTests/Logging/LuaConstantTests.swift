// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonPlugins

/// Lua that is a constant, and Lua that is not.
@Suite struct LuaConstantTests {
  @Test(
    arguments: [
      (#"return "text""#, "text"), ("return 'it''", nil), ("return 'it\\'s'", "it's"), ("return 123", 123),
      ("return -1", -1), ("return - 1.5", -1.5), ("return .5", 0.5), ("return 5.", 5), ("return 1e3", 1000),
      ("return 1E-2", 0.01), ("return 0x1F", 31), ("return true", true), ("return false;", false),
      ("  return\t'x' ; ", "x"), ("return'x'", "x"), ("-- a note\nreturn 1 -- one", 1), ("return [[a\"b]]", "a\"b"),
      ("return [==[a]]b]==]", "a]]b"), ("return [[\nx]]", "x"), (#"return "a\n\t\\\"\65\x41\0z""#, "a\n\t\\\"AA\0z"),
      (#"return "é""#, "é"), (#""text""#, "text"), ("42", 42), ("return 1e400", nil), ("return 0x", nil),
      ("return 12ab", nil), ("return 1 + 1", nil), ("return kong.request.get_header('x')", nil), ("return x", nil),
      ("returnx", nil), ("return 'a' .. 'b'", nil), ("return 'open", nil), ("return \"a\nb\"", nil),
      (#"return "\q""#, nil), (#"return "\300""#, nil), (#"return "\x4""#, nil), ("return [[open", nil),
      ("return {}", nil), ("return 'a'; os.exit()", nil), ("local x = 1", nil), ("return 1, 2", nil),
      ("return --", nil),
      ("return -", nil), ("return inf", nil), ("return nan", nil), ("return 1;;", nil), ("--[[ ]] return 1", nil),
    ] as [(String, JSONValue?)])
  func constants(code: String, value: JSONValue?) {
    // A bare `return` with a comment behind it gives nothing.
    if code == "return --" { return #expect(LuaConstant(code) == .nothing) }
    #expect(LuaConstant(code) == value.map { .value($0) }, "\(code)")
  }

  @Test(arguments: ["return nil", "return", "nil", "  ", "return;", "return nil ;"])
  func nothing(code: String) { #expect(LuaConstant(code) == .nothing) }

  @Test func otherCodeIsRefusedWhenItIsConfigured() {
    func fields(_ code: String) -> String {
      outcome("file-log", ["path": "/tmp/x", "custom_fields_by_lua": ["a.b": .string(code)]])
    }
    #expect(fields("return kong.client.get_ip()").contains("Lua code is not available in this version of Gibbon"))
    #expect(fields("").contains("length must be at least 1"))
    #expect(fields("return 'x'").contains(#""custom_fields_by_lua":{"a.b":"return 'x'"}"#))
  }

  @Test func valuesAreAddedAndTakenOut() throws {
    let request = try finished()
    let fields = CustomFields(["new.field": "return 123", "source": "return nil", "bad": "return x"])
    let value = try parsed(fields.line(request.context))
    withExtendedLifetime(request) {}
    #expect(value["new"] == ["field": 123] && value["source"] == nil && value["bad"] == nil)
  }
}
