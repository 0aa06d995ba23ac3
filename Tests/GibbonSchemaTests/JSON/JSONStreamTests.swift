// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import Testing

@Suite struct JSONStreamTests {
  private func written(_ body: (inout JSONStream) -> Void) -> String {
    var json = JSONStream(capacity: 0)
    body(&json)
    return String(decoding: json.finish(), as: UTF8.self)
  }

  @Test func commasStandBetweenValuesAndNowhereElse() throws {
    let text = self.written { json in
      json.beginObject()
      json.key("a")
      json.beginArray()
      json.int(-1)
      json.beginObject()
      json.endObject()
      json.beginArray()
      json.endArray()
      json.bool(true)
      json.endArray()
      json.key("b")
      json.null()
      json.key("c")
      json.value(["x": [1.5]])
      json.key("d")
      json.id(Self.id)
      json.key("e")
      json.piece(upTo: 3) { $0.append("\"x\"") }
      json.key("f")
      json.raw(Array("[1]".utf8))
      json.key("g")
      json.text(Array("\"".utf8).span, after: 2) { $0.append("x:") }
      json.endObject()
    }
    #expect(
      text == #"{"a":[-1,{},[],true],"b":null,"c":{"x":[1.5]},"d":"\#(Self.id)","e":"x","f":[1],"g":"x:\""}"#)
  }

  private static let id = EntityID(high: 0x0123_4567_89ab_cdef, low: 0x0011_2233_4455_6677)

  /// Every text is what the writer of whole values makes of it, and what the parser reads.
  @Test func textsAreEscapedAsInWholeValues() throws {
    let texts = (UInt8(0)..<0x80).map { "a\(Character(Unicode.Scalar($0)))b" } + ["", "é\"\n", "日本\\", "\u{7F}\u{80}"]
    for text in texts {
      let written = self.written { $0.text(text) }
      #expect(written == JSONValue.string(text).description)
      #expect(self.written { $0.text(Array(text.utf8).span) } == written)
      #expect(try JSONParser.parse(Array(written.utf8)).get() == .string(text))
    }
  }

  @Test func whatIsNotUTF8IsRepaired() {
    #expect(self.written { $0.text([0x61, 0xFF, 0x22, 0xC3].span) } == #""a\#u{FFFD}\"\#u{FFFD}""#)
  }

  @Test(arguments: [("X-Ab", #""x-ab":1"#), ("É\"A", #""é\"a":1"#), ("", #""":1"#)])
  func keysCanBeWrittenInLowerCase(name: String, expected: String) {
    let text = self.written { json in
      json.beginObject()
      json.key(lowercasing: Array(name.utf8).span)
      json.int(1)
      json.endObject()
    }
    #expect(text == "{\(expected)}")
  }

  @Test(arguments: ["v", "", "\"", "é", "\n"], ["X-Ab", "", "É\"A"])
  func membersAreKeysAndTexts(value: String, name: String) {
    let text = self.written { json in
      json.beginObject()
      for _ in 0..<2 { json.member(lowercasing: Array(name.utf8).span, Array(value.utf8).span) }
      json.endObject()
    }
    let parts = self.written { json in
      json.beginObject()
      for _ in 0..<2 {
        json.key(lowercasing: Array(name.utf8).span)
        json.text(value)
      }
      json.endObject()
    }
    #expect(text == parts)
  }
}
