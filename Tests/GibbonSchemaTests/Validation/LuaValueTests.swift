// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

/// The layout of Penlight's `pretty.write`.
@Suite struct LuaValueTests {
  static let lines: [(JSONValue, String)] = [
    (["id": "x", "name": "y"], #"{id="x",name="y"}"#), ([], "{}"), (["a", 1, true], #"{"a",1,true}"#),
    ([.null, "b"], #"{[2]="b"}"#), (["a", .null, "c"], #"{"a",[3]="c"}"#),
    (["a-b": 1, "end": 2, "_x9": 3, "9x": 4, "": 5], #"{[""]=5,["9x"]=4,_x9=3,["a-b"]=1,["end"]=2}"#),
    (["q": #"say "it" \ so"#], #"{q="say \"it\" \\ so"}"#), (["t": "a\tb"], #"{t="a\9b"}"#),
    (["t": "a\t1"], #"{t="a\0091"}"#), (["n": "a\nb"], "{n=[[a\nb]]}"), (["n": "\nb"], "{n=[[\n\nb]]}"),
    (["r": "a\r\nb"], "{r=\"a\\13\\\nb\"}"), (["b": "[[:alpha:]]"], "{b=[=[[[:alpha:]]]=]}"),
    (["b": "ends]"], "{b=[=[ends]]=]}"), (["b": "a[b"], #"{b="a[b"}"#), (["b": "]=]"], "{b=[==[]=]]==]}"),
  ]

  @Test(arguments: lines) func onOneLine(value: JSONValue, text: String) {
    #expect(LuaValue(value).compact == text)
  }

  @Test func overSeveralLines() {
    let value: JSONValue = ["list": ["a", ["b": "c"]], "x-y": [.null, "d"]]
    #expect(
      LuaValue(value).pretty == """
        {
          list = {
            "a",
            {
              b = "c"
            }
          },
          ["x-y"] = {
            [2] = "d"
          }
        }
        """)
    #expect(LuaValue(.array([])).pretty == "{\n}")
  }
}
