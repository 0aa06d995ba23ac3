// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonStore

/// Plain scalars have the types that Kong's YAML parser (lyaml) gives them.
@Suite struct YAMLScalarTests {
  @Test(
    arguments: [
      ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null), ("nULL", "nULL"),
      ("true", true), ("Yes", true), ("ON", true), ("no", false), ("Off", false), ("y", "y"), ("n", "n"),
      ("yEs", "yEs"),
      ("0", 0), ("42", 42), ("+42", 42), ("-42", -42), ("1_000", 1000), ("017", 15), ("08", 8), ("0x1F", 31),
      ("-0x10", -16),
      ("0b101", 5), ("1:30", 90), ("190:20:30", 685_230), ("1:60", "1:60"), ("1.5", 1.5), ("-.5", -0.5), ("5.", 5.0),
      ("1e3", 1000.0), ("1.2.3", "1.2.3"), ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("1a", "1a"), ("-", "-"),
      (".", "."),
      ("+", "+"), ("0x", "0x"), ("2024-01-01", "2024-01-01"), ("99999999999999999999", "99999999999999999999"),
      ("1e999", "1e999"), ("a", "a"), ("/path", "/path"), ("0o17", "0o17"),
    ] as [(String, JSONValue)])
  func haveKongsTypes(text: String, value: JSONValue) {
    #expect(YAMLScalar.value(of: text) == value)
  }

  @Test(
    arguments: [
      ("1", "str", "1"), ("yes", "bool", true), ("7", "int", 7), ("7", "float", 7.0), ("~", "null", .null),
      ("x", "custom", "x"),
    ] as [(String, String, JSONValue)])
  func obeyTags(text: String, tag: String, value: JSONValue) {
    #expect(YAMLScalar.value(of: text, tag: "tag:yaml.org,2002:\(tag)") == value)
  }

  @Test(arguments: [("x", "bool"), ("1.5", "int"), ("x", "null")])
  func refuseTagsThatDoNotFit(text: String, tag: String) {
    #expect(YAMLScalar.value(of: text, tag: "tag:yaml.org,2002:\(tag)") == nil)
  }
}
