// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@Suite struct JSONParserTests {
  @Test(
    arguments: [
      ("null", JSONValue.null), ("true", true), (" false ", false), ("0", 0), ("-12", -12), ("1.5", 1.5),
      ("-0.25e2", -25.0), ("9223372036854775807", .int(.max)), ("18446744073709551616", 18_446_744_073_709_551_616.0),
      (#""a\"\\\/\b\f\n\r\tB\u00e9\ud83d\ude00""#, "a\"\\/\u{8}\u{c}\n\r\tBé😀"), ("[]", []), ("{}", [:]),
      ("[1,[2,{}]]", [1, [2, [:]]]), (#"{"a":1,"b":{"c":[true]}}"#, ["a": 1, "b": ["c": [true]]]),
      ("\u{feff}1", 1),
    ] as [(String, JSONValue)])
  func parsesValues(text: String, value: JSONValue) throws {
    #expect(try JSONParser.parse(text).get() == value)
  }

  @Test(arguments: [
    ("", 1, 1), ("  ", 1, 3), ("nul", 1, 1), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("{\"a\" 1}", 1, 6),
    ("{\n  \"a\": tru\n}", 2, 8), ("{a:1}", 1, 2), ("\"abc", 1, 5), ("\"a\u{1}\"", 1, 3), ("01", 1, 1), ("1.", 1, 3),
    ("-", 1, 1), ("\"\\x\"", 1, 2), ("\"\\ud800\"", 1, 2), ("1 2", 1, 3), ("1e999", 1, 1), ("{\"a\":1,}", 1, 8),
  ])
  func namesThePlaceOfAnError(text: String, line: Int, column: Int) {
    switch JSONParser.parse(text) {
    case .success(let value): Issue.record("parsed as \(value)")
    case .failure(let error): #expect(error.position == SourceMap.Position(line: line, column: column))
    }
  }

  @Test func refusesInvalidUTF8() {
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]).get() }
  }

  @Test func limitsDepthAndSize() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSONParser.parse(nested(128)).get()
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(nested(129)).get() }
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(nested(200_000)).get() }
    #expect(throws: JSONSyntaxError.self) {
      try JSONParser.parse(Array("[1]".utf8), limits: JSONParser.Limits(size: 2)).get()
    }
  }

  @Test func ofEqualKeysTheLastCounts() throws {
    let value = try JSONParser.parse(#"{"a":1,"b":2,"a":3}"#).get()
    #expect(value.description == #"{"a":3,"b":2}"#)
  }

  @Test func mapsEveryValueToItsPlace() throws {
    let text = "{\n  \"a\": [\n    1,\n    {\"b\": 2}\n  ],\n  \"c\": null\n}"
    let (value, map) = try JSONParser.parseMapped(Array(text.utf8)).get()
    func line(_ path: SourceMap.Step...) -> Int { map.position(of: path, in: value).line }
    #expect(line(.key("a")) == 2)
    #expect(line(.key("a"), .index(0)) == 3)
    #expect(line(.key("a"), .index(1), .key("b")) == 4)
    #expect(line(.key("c")) == 6)
    #expect(line(.key("a"), .index(1), .key("missing")) == 4)
  }
}

@Suite struct JSONWriterTests {
  @Test func writesCompactly() {
    let value: JSONValue = ["a": [1, 2.5, 3.0, true], "b/c": "x\"\\\n\u{1}é", "d": [:], "e": []]
    #expect(value.description == #"{"a":[1,2.5,3,true],"b/c":"x\"\\\n\u0001é","d":{},"e":[]}"#)
  }

  @Test func sortsKeysWhenAsked() {
    let value: JSONValue = ["b": 1, "a": ["d": 1, "c": 2]]
    #expect(String(decoding: value.serialized(sortingKeys: true), as: UTF8.self) == #"{"a":{"c":2,"d":1},"b":1}"#)
  }

  @Test func numbersThatJSONLacksAreNull() {
    #expect(JSONValue.double(.infinity).description == "null")
  }

  @Test func parsesWhatItWrites() throws {
    let value: JSONValue = ["n": [0, -1, 1e300, 0.1], "s": "\u{7f}\u{1F600}", "o": ["k": .null]]
    #expect(try JSONParser.parse(value.description).get() == value)
  }
}

@Suite struct JSONObjectTests {
  @Test(arguments: [3, 100])
  func keepsOrderAndFindsMembers(count: Int) {
    var object = JSONObject()
    for number in 0..<count { object["key\(number)"] = .int(Int64(number)) }
    #expect(object.map(\.key) == (0..<count).map { "key\($0)" })
    object["key1"] = nil
    object["key0"] = "changed"
    object["new"] = true
    #expect(object.count == count)
    #expect(object["key1"] == nil)
    #expect(object["key2"] == 2)
    #expect(object["new"] == true)
    #expect(object.members.first?.value == "changed")
  }

  @Test func equalityIgnoresOrderAndNumberKind() {
    #expect(JSONValue.object(["a": 1, "b": 2]) == .object(["b": 2.0, "a": 1.0]))
    #expect(JSONValue.object(["a": 1]) != .object(["a": 1, "b": 2]))
    #expect(Set<JSONValue>([1, 1.0, "1"]).count == 2)
  }

  @Test func readsAndWritesPaths() {
    var object: JSONObject = ["a": ["b": 1]]
    object.set(2, at: ["a", "c", "d"])
    #expect(JSONValue.object(object).value(at: "a.c.d") == 2)
    #expect(JSONValue.object(object).value(at: "a.b") == 1)
    #expect(JSONValue.object(object).value(at: "a.x") == nil)
  }
}
