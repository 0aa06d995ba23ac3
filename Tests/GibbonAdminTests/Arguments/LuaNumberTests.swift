// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct LuaNumberTests {
  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("10", 10), ("+10", 10), ("-10", -10), ("007", 7), (" 8\t\n", 8), ("2.0", 2), ("2.5", 2.5),
      ("5.", 5), (".5", 0.5), ("-.5", -0.5), ("1e3", 1000), ("1E+3", 1000), ("5.e1", 50), (".5e1", 5), ("25e-1", 2.5),
      ("0x10", 16), ("0XfF", 255), ("-0x10", -16), ("0x.8", 0.5), ("0x1.8", 1.5), ("0x8.", 8), ("0x1p4", 16),
      ("0x1.8P1", 3), ("0x.8p-1", 0.25), ("1e308", 1e308), ("9007199254740993", 9_007_199_254_740_993),
      ("9223372036854775808", 9_223_372_036_854_775_808.0), ("0x10000000000000000", 18_446_744_073_709_551_616.0),
    ] as [(String, JSONValue)])
  func numeralsOfLuaAreNumbers(text: String, value: JSONValue) {
    #expect(LuaNumber.value(of: text) == value)
  }

  @Test(arguments: [
    "", " ", "+", "-", ".", "-.", "a", "1a", "1 2", "- 1", "+-1", "--1", "1.2.3", "1e", "1e+", "e1", ".e1", "1e1.5",
    "0x", "0xg", "0x.", "0xp1", "0x1p", "0x1pf", "0x-1", "x10", "inf", "-inf", "nan", "infinity", "1e999", "0x1p99999",
    "1_000", "1,5", "\u{0661}", "1\0", "\u{A0}1", "true",
  ])
  func otherTextsAreNoNumbers(text: String) {
    #expect(LuaNumber.value(of: text) == nil)
  }

  @Test func numbersWithoutAFractionAreIntegers() throws {
    let value = try #require(LuaNumber.value(of: "1e3"))
    guard case .int(1000) = value else {
      Issue.record("\(value)")
      return
    }
  }

  @Test func longTextsAreNotLookedAt() {
    #expect(LuaNumber.value(of: String(repeating: "1", count: 100))?.doubleValue != nil)
    #expect(LuaNumber.value(of: String(repeating: "0", count: 513)) == nil)
    #expect(LuaNumber.value(of: String(repeating: " ", count: 10_000_000)) == nil)
  }
}
