// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonProto

@Suite struct ProtoLoaderTests {
  @Test func namesAreFoundFromTheInside() throws {
    let pool = try pool(
      """
      package a.b;
      message M {
        message M { int32 inner = 1; }
        M nearest = 1;
        b.M outer = 2;
        .a.b.M.M rooted = 3;
        E e = 4;
        other.T imported = 5;
        google.protobuf.Timestamp time = 6;
      }
      enum E { ZERO = 0; }
      import "other.proto";
      import "google/protobuf/timestamp.proto";
      """,
      importing: ["other.proto": "syntax = \"proto3\"; package other; message T {}"])
    let type = try #require(pool.message(named: "a.b.M"))
    let names = pool.messages[type].fields.map { field in
      switch field.type {
      case .message(let index): pool.messages[index].fullName
      case .enumeration(let index): pool.enums[index].fullName
      default: "scalar"
      }
    }
    #expect(names == ["a.b.M.M", "a.b.M", "a.b.M.M", "a.b.E", "other.T", "google.protobuf.Timestamp"])
  }

  @Test func methodsAreFoundByTheirPath() throws {
    let pool = try pool("package p; message M {} service S { rpc Get (M) returns (stream M); }")
    #expect(pool.method(path: "/p.S/Get")?.isServerStreaming == true)
    #expect(pool.method(path: "/S/Get") == nil)
    #expect(try GibbonProtoTests.pool("message M {} service S { rpc G (M) returns (M); }").method(path: "/S/G") != nil)
  }

  @Test(arguments: [
    ("import \"gone.proto\";", "test.proto:1: expected a file that exists: gone.proto is in none of the folders"),
    ("\nimport \"a.proto\";", "b.proto:1: expected no circle: a.proto is being imported already"),
    ("import \"bad.proto\";", "bad.proto:2: expected '{', found ';'"),
    ("message M { Nope a = 1; }", "test.proto:1: expected a type: 'Nope' is not defined here or imported"),
    (
      "message M { string a = 1;\n string a = 2; }",
      "test.proto:2: expected a name and a number of its own: M has a field 'a' or 2 already"
    ),
    (
      "message M { string a = 1;\n string b = 1; }",
      "test.proto:2: expected a name and a number of its own: M has a field 'b' or 1 already"
    ),
    (
      "message M { string a = 1; string b = 2 [json_name = \"a\"]; }",
      "test.proto:1: expected a json_name of its own, not 'a'"
    ),
    ("message M {} message M {}", "test.proto:1: expected a new name: M is defined already"),
    ("message M {} enum M { A = 0; }", "test.proto:1: expected a new name: M is defined already"),
    (
      "message M { string a = 0; }",
      "test.proto:1: expected a field number from 1 to 536870911, but for 19000 to 19999"
    ),
    (
      "message M { string a = 19500; }",
      "test.proto:1: expected a field number from 1 to 536870911, but for 19000 to 19999"
    ),
    (
      "message M { string a = 99999999999999999; }",
      "test.proto:1: expected a field number from 1 to 536870911, but for 19000 to 19999"
    ),
    ("syntax = \"proto3\"; message M { required string a = 1; }", "test.proto:1: expected no 'required' in proto3"),
    ("syntax = \"proto3\"; enum E { A = 1; }", "test.proto:1: expected 0 as the first value of an enum of proto3"),
    ("enum E {}", "test.proto:1: expected at least one value in an enum"),
    ("message M { map<double, string> a = 1; }", "test.proto:1: expected an integer, bool or string as a map's key"),
    ("message M { map<M, string> a = 1; }", "test.proto:1: expected an integer, bool or string as a map's key"),
    (
      "message M {} service S { rpc G (M) returns (N); }",
      "test.proto:1: expected a message: 'N' is not defined here or imported"
    ),
  ])
  func whatTheLanguageForbidsIsRefused(text: String, message: String) {
    let files = [
      "a.proto": "import \"b.proto\";", "b.proto": "import \"a.proto\";", "bad.proto": "message M\n;",
    ]
    #expect(fault(text, importing: files) == message)
  }

  @Test func builtInFilesAreThere() {
    for name in [
      "any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers", "descriptor", "source_context",
    ] {
      #expect(fault("import \"google/protobuf/\(name).proto\";") == "fine", "\(name)")
    }
    for path in [
      "google/api/annotations.proto", "google/api/http.proto", "google/api/httpbody.proto", "google/rpc/status.proto",
      "google/api/client.proto", "google/api/field_behavior.proto",
    ] {
      #expect(fault("import \"\(path)\";") == "fine", "\(path)")
    }
  }

  @Test func filesAreBounded() {
    var limits = ProtoLoader.Limits()
    limits.files = 4
    func load(_ count: Int) -> String {
      do throws(ProtoError) {
        _ = try ProtoLoader.load(Array("import \"0\";".utf8), path: "t", limits: limits) { path throws(ProtoError) in
          Int(path).map { $0 < count ? Array("import \"\($0 + 1)\";".utf8) : [] }
        }
        return "fine"
      } catch {
        return "\(error)"
      }
    }
    #expect(load(0) == "fine")
    #expect(load(50).contains("expected at most 4 files"))
    limits.files = 1000
    #expect(load(20) == "fine")
    #expect(load(500).contains("expected imports at most 32 levels deep"))
    limits.bytes = 5
    #expect(load(0).contains("with 5 bytes together"))
  }
}
