// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonProto

@Suite struct ProtoParserTests {
  private static let everything = """
    // A comment.
    syntax = "proto3"; /* another
    one */
    package a.b;
    import public "x.proto";
    option java_package = "com.example" ".a";
    message M {
      option deprecated = true;
      string name = 1 [json_name = "Name", (custom.option).x = { a: 1, b <c: -2.5e3> d: [1, 2] [e.f/g.H] {} }];
      optional int32 number = 0x2;
      repeated .a.b.M.Inner inner = 03 [packed = false];
      map<string, Inner> by_name = 4;
      oneof choice { option (x) = 1; string text = 5; M other = 6; }
      message Inner { reserved 1, 3 to 9, 20 to max; reserved "foo", 'bar'; bytes message = 2; }
      enum E { option allow_alias = true; ZERO = 0; MINUS = -1 [deprecated = true]; NIL = 0; reserved 5 to 7; }
      extensions 100 to 200 [verification = UNVERIFIED];
      E optional_e = 7;;
      .a.b.M rooted = 8;
    }
    extend google.protobuf.FieldOptions { optional string hint = 50000; }
    service S {
      option (x.y) = "z";
      rpc One (M) returns (M);
      rpc Two (stream M) returns (stream .a.b.M) { option idempotency_level = NO_SIDE_EFFECTS; }
      rpc Three (stream) returns (stream) {};
    }
    """

  @Test func everyStatementIsRead() throws {
    let file = try ProtoParser.parse(Array(Self.everything.utf8), path: "t.proto")
    #expect(file.isProto3 && file.package == "a.b" && file.imports.map(\.path) == ["x.proto"])
    let message = try #require(file.messages.first)
    #expect(
      message.fields.map(\.name) == [
        "name", "number", "inner", "by_name", "text", "other", "optional_e", "rooted",
      ])
    #expect(message.fields.map(\.number) == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(message.fields.map(\.keyType) == [nil, nil, nil, "string", nil, nil, nil, nil])
    #expect(message.fields.map(\.oneof) == [nil, nil, nil, nil, 0, 0, nil, nil])
    #expect(message.fields[2].type == ".a.b.M.Inner" && message.oneofs == ["choice"])
    #expect(message.messages.first?.fields.map(\.name) == ["message"])
    #expect(message.enums.first?.values.map(\.number) == [0, -1, 0])
    let methods = try #require(file.services.first?.methods)
    #expect(methods.map(\.isServerStreaming) == [false, true, false])
    #expect(methods.map(\.isClientStreaming) == [false, true, false])
    #expect(methods.map(\.input) == ["M", "M", "stream"])
  }

  @Test(arguments: [
    (#""\n\t\x41\101\\\"\'" 'b'"#, "\n\tAA\\\"'b"), (#""\u00e9\U0001F600""#, "é😀"), (#"'"'"#, "\""),
  ])
  func stringsAreUnescaped(text: String, value: String) throws {
    let file = try ProtoParser.parse(Array("import \(text);".utf8), path: "t")
    #expect(file.imports.first?.path == value)
  }

  /// Each names the line and what was expected.
  @Test(arguments: [
    ("message M {\n  string a 1;\n}", "test.proto:2: expected '=', found '1'"),
    ("message M {\n  string a = one;\n}", "test.proto:2: expected the number of a field, found 'one'"),
    ("message M {\n  string a = 1\n}", "test.proto:3: expected ';', found '}'"),
    ("message M {\n  string = 1;\n}", "test.proto:2: expected the name of a field, found '='"),
    ("message M {\n", "test.proto:2: expected a field or '}', found the end of the file"),
    ("message {}", "test.proto:1: expected the name of a message, found '{'"),
    (
      "\n\nmess M {}",
      "test.proto:3: expected a definition (message, enum, service, import, package, option, extend),"
        + " found 'mess'"
    ),
    ("syntax = \"proto4\";", "test.proto:1: expected \"proto2\" or \"proto3\""),
    (
      "edition = \"2023\";",
      "test.proto:1: editions are not supported: expected syntax = \"proto3\" or \"proto2\""
    ),
    ("import x;", "test.proto:1: expected the path of a file in quotes, found 'x'"),
    ("message M { optional group G = 1 {} }", "test.proto:1: groups are not supported"),
    (
      "message M { oneof o { repeated int32 a = 1; } }",
      "test.proto:1: expected a field without 'repeated' in a oneof"
    ),
    (
      "message M { oneof o { map<string, string> a = 1; } }", "test.proto:1: expected a field that is no map in a oneof"
    ),
    ("message M { repeated map<string, string> a = 1; }", "test.proto:1: expected a map without a label"),
    ("enum E { A = 4294967296; }", "test.proto:1: expected a number of 32 bits, found '4294967296'"),
    ("enum E { A 0; }", "test.proto:1: expected '=', found '0'"),
    ("service S { rpc M (A) return (B); }", "test.proto:1: expected 'returns', found 'return'"),
    ("service S { message M {} }", "test.proto:1: expected 'rpc', 'option' or '}', found 'message'"),
    ("service S { rpc M (A) returns (B) { rpc } }", "test.proto:1: expected 'option' or '}', found 'rpc'"),
    ("option x = { a 1 };", "test.proto:1: expected ':', found '1'"),
    ("option x = ;", "test.proto:1: expected a value, found ';'"),
    ("/* a\nb", "test.proto:1: expected '*/' at the end of this comment"),
    ("import \"a\nb\";", "test.proto:1: expected a closing quote on the same line"),
    ("import \"\\q\";", "test.proto:1: unknown escape in a string"),
    ("import \"\\xg\";", "test.proto:1: expected 1 digits in an escape"),
    ("import \"\\ud800\";", "test.proto:1: expected a Unicode character in an escape"),
    ("option x = 1.2.3;", "test.proto:1: expected a number, found '1.2.3'"),
    ("option x = 0xg;", "test.proto:1: expected a number, found '0xg'"),
    ("message M { string a = 1; # no\n}", "test.proto:1: unexpected character '#'"),
  ])
  func mistakesAreNamed(text: String, message: String) { #expect(fault(text) == message) }

  @Test func nestingIsBounded() {
    let deep = String(repeating: "message M {", count: 33) + String(repeating: "}", count: 33)
    #expect(fault(deep) == "test.proto:1: nested deeper than 32 levels")
    #expect(
      fault("option x = " + String(repeating: "[", count: 100_000)) == "test.proto:1: nested deeper than 32 levels")
    #expect(
      fault("option x = " + String(repeating: "{a", count: 100_000)) == "test.proto:1: nested deeper than 32 levels")
  }

  @Test func aFileThatIsCutOffIsRefusedOrRead() {
    let text = Array(Self.everything.utf8)
    for end in text.indices { _ = try? ProtoParser.parse(Array(text[..<end]), path: "t") }
    var dice = Dice(state: 1)
    for _ in 0..<2000 {
      var changed = text
      changed[Int.random(in: text.indices, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
      _ = try? ProtoParser.parse(changed, path: "t")
    }
  }
}
