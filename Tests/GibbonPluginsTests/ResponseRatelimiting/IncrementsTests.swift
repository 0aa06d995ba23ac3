// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// What responses say was used; nothing that a service sends is too much.
@Suite struct IncrementsTests {
  private static let places = ["video": 0, "image": 1]

  private static func parse(_ fields: String...) -> [Int64] { Increments.parse(fields, places: Self.places) }

  @Test(
    arguments: [
      ("video=1", [1, 0]), ("video=2, image=3", [2, 3]), ("  image =\t3 ,video= 2 ", [2, 3]), ("video=-4", [-4, 0]),
      ("video=+4,", [4, 0]), ("other=5,video=1", [1, 0]), ("video=1e3", [1000, 0]), ("video=0.2,image=-0.2", [1, 0]),
      // The last one counts, even if it is no number.
      ("video=1,video=2", [2, 0]), ("video=1,video=x", [0, 0]),
      ("", [0, 0]), (",,,", [0, 0]), ("=", [0, 0]), ("video", [0, 0]), ("video=", [0, 0]), ("video=1=2", [0, 0]),
      ("Video=1", [0, 0]), ("video=1 2", [0, 0]), ("video=nan", [0, 0]), ("video 1", [0, 0]),
    ] as [(String, [Int64])])
  func pairsAreRead(field: String, expected: [Int64]) {
    #expect(Self.parse(field) == expected)
  }

  @Test func severalFieldsAreOne() {
    #expect(Self.parse("video=1", "image=2,video=3") == [3, 2])
  }

  @Test(arguments: ["9223372036854775807", "1e308", "inf", "99999999999999999999999", "1e99999", "0x7fffffffffffffff"])
  func amountsHaveABound(number: String) {
    let most = Int64(Increments.amountLimit)
    #expect(Self.parse("video=\(number),image=-\(number)") == [most, -most])
  }

  @Test func pairsHaveABound() {
    let many = String(repeating: "video=1,", count: Increments.pairLimit)
    #expect(Self.parse(many + "image=1") == [1, 0])
    #expect(Self.parse(many, "image=1") == [1, 0])
    #expect(Self.parse(String(repeating: "a=1,", count: Increments.pairLimit - 1) + "image=1,video=1") == [0, 1])
    #expect(Self.parse(String(repeating: "=", count: 100_000)) == [0, 0])
  }

  @Test func bytesThatAreNoTextAreNoNames() {
    #expect(Self.parse("vid\u{FFFD}eo=1,é=1,image=\u{0664}") == [0, 0])
  }
}
