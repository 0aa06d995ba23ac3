// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonSchema
import Testing

@testable import GibbonAdmin

@Suite struct ArgumentTreeTests {
  private static func tree(_ form: String) throws -> JSONObject {
    try FormDecoder.pairs(urlEncoded: Array(form.utf8)).flatMap(ArgumentTree.build).get()
  }

  @Test(
    arguments: [
      ("", [:]),
      ("a=", ["a": ""]),
      ("a", ["a": true]),
      ("a=x&a=y", ["a": ["x", "y"]]),
      ("a&a=x", ["a": [true, "x"]]),
      ("a.b.c=x&a.d=y&e=z", ["a": ["b": ["c": "x"], "d": "y"], "e": "z"]),
      ("a..b=x", ["a": ["b": "x"]]),
      ("a.1=x", ["a": ["1": "x"]]),
      ("a[]=x", ["a": ["x"]]),
      ("a[]=x&a[]=y", ["a": ["x", "y"]]),
      ("a[1]=x&a[2]=y", ["a": ["x", "y"]]),
      ("a[2]=y&a[1]=x", ["a": ["x", "y"]]),
      ("a[0x1]=x", ["a": ["x"]]),
      ("a[k]=x&a[l]=y", ["a": ["k": "x", "l": "y"]]),
      ("a[k.l]=x&b.c[d.e]=y", ["a": ["k.l": "x"], "b": ["c": ["d.e": "y"]]]),
      ("a[k][l].m=x", ["a": ["k": ["l": ["m": "x"]]]]),
      ("a[1].b=x&a[2].b=y&a[1].c=z", ["a": [["b": "x", "c": "z"], ["b": "y"]]]),
      ("a[][]=x", ["a": [["x"]]]),
      ("a[][b]=x", ["a": [["b": "x"]]]),
      ("a[].b=x", ["a": ["b": "x"]]),
      ("a[1]=x&a[1]=y", ["a": [["x", "y"]]]),
      ("a=x&a[]=y", ["a": ["x", "y"]]),
      ("a[]=x&a=y", ["a": ["x", "y"]]),
      ("config.add.headers[1]=h:v", ["config": ["add": ["headers": ["h:v"]]]]),
      ("headers.x-foo=bar", ["headers": ["x-foo": "bar"]]),
    ] as [(String, JSONObject)])
  func argumentsAreNestedByTheirNames(form: String, object: JSONObject) throws {
    #expect(try Self.tree(form) == object)
  }

  @Test(
    arguments: [
      ("a%5B%5D=x&a%5B%5D=y", ["a": ["x", "y"]]),
      ("a%255B1%255D=x", ["a": ["x"]]),
      ("a%255bk.l%255d.m=x", ["a": ["k.l": ["m": "x"]]]),
      ("a%255Bk%255B_4%255D=x", ["a": ["k%5B_4": "x"]]),
      ("a%255Bk=x", ["a%5Bk": "x"]),
      ("a%255D=x", ["a%5D": "x"]),
    ] as [(String, JSONObject)])
  func bracketsMayBePercentEncoded(form: String, object: JSONObject) throws {
    #expect(try Self.tree(form) == object)
  }

  @Test(
    arguments: [
      (".a=x", [".a": "x"]),
      ("a.=x", ["a.": "x"]),
      ("..=x", ["..": "x"]),
      ("a.b.=x", ["a.b.": "x"]),
      ("[5]=x", ["[5]": "x"]),
      ("[5][k]=x", ["[5]": ["k": "x"]]),
      ("a[=x", ["a[": "x"]),
      ("a]=x", ["a]": "x"]),
      ("a[b.c=x", ["a[b": ["c": "x"]]),
      ("a]b[c]=x", ["a]b": ["c": "x"]]),
      ("a[b]c[d]=x", ["a": ["b": ["d": "x"]]]),
      ("a[[b]]=x", ["a": ["[b": "x"]]),
      ("[=x", ["[": "x"]),
      ("]=x", ["]": "x"]),
    ] as [(String, JSONObject)])
  func dotsAndBracketsOutOfPlaceAreLiteralOrSkipped(form: String, object: JSONObject) throws {
    #expect(try Self.tree(form) == object)
  }

  @Test(
    arguments: [
      ("a[2]=y", ["a": ["2": "y"]]),
      ("a[0]=y", ["a": ["0": "y"]]),
      ("a[-1]=y", ["a": ["-1": "y"]]),
      ("a[1]=x&a[99]=y", ["a": ["1": "x", "99": "y"]]),
      ("a[1000000000]=x", ["a": ["1000000000": "x"]]),
      ("a[9223372036854775807]=x&a[]=y", ["a": ["9223372036854775807": "x", "1": "y"]]),
      ("a[1e300]=x", ["a": ["1e300": "x"]]),
      ("a[1.5]=x", ["a": ["1.5": "x"]]),
      ("a[nan]=x", ["a": ["nan": "x"]]),
    ] as [(String, JSONObject)])
  func positionsThatLeaveGapsMakeNoArray(form: String, object: JSONObject) throws {
    #expect(try Self.tree(form) == object)
  }

  @Test(
    arguments: [
      ("a=x&a.b=y", ["a": ["1": "x", "b": "y"]]),
      ("a.b=y&a=x", ["a": ["1": "x", "b": "y"]]),
      ("a=1&a=2&a[]=3&a[1]=4", ["a": [["1", "3", "4"], "2"]]),
      ("a[1]=x&a[1].b=y", ["a": [["1": "x", "b": "y"]]]),
      ("5[k]=x&5=y", ["5": "y"]),
    ] as [(String, JSONObject)])
  func contradictionsAreKeptForTheValidatorToRefuse(form: String, object: JSONObject) throws {
    #expect(try Self.tree(form) == object)
  }

  @Test(arguments: ["a.", "a[b]", "a[1]", "a[]"])
  func namesOf64LevelsAreNestedAndDeeperOnesRefused(unit: String) throws {
    let levels = unit == "a." ? 64 : 63
    let deepest = unit == "a." ? String(repeating: unit, count: 63) + "a" : "a" + Self.brackets(of: unit, 63)
    #expect(try Self.tree(deepest + "=x").count == 1)
    for count in [levels + 1, 100_000] {
      let deeper = unit == "a." ? String(repeating: unit, count: count - 1) + "a" : "a" + Self.brackets(of: unit, count)
      #expect(throws: ArgumentError.tooDeep) { try Self.tree(deeper + "=x") }
    }
  }

  private static func brackets(of unit: String, _ count: Int) -> String {
    String(repeating: String(unit.dropFirst()), count: count)
  }

  @Test(arguments: ["[", "]", "%255B", "%255D", "[]", "a[", ".", "%5B.", "]["])
  func longNamesOfOddLettersAreRead(unit: String) {
    _ = try? Self.tree("a" + String(repeating: unit, count: 200_000) + "b=x")
  }

  @Test func moreThanAThousandPairsAreRefused() {
    let pairs = [FormPair](repeating: ("a", .text("b")), count: 1001)
    #expect(throws: ArgumentError.tooMany) { try ArgumentTree.build(pairs).get() }
  }

  @Test func namesWithNULsAreNames() throws {
    #expect(try Self.tree("a%00.b%00=x") == ["a\0": ["b\0": "x"]])
  }

  @Test func membersKeepTheOrderOfTheForm() throws {
    #expect(try Self.tree("b=1&a=2&c.z=3&c.y=4&b=5").map(\.key) == ["b", "a", "c"])
  }
}
