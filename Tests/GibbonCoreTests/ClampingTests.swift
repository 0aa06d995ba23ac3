// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@Suite struct ClampingTests {
  @Test(
    arguments: [
      (0, 0), (2.9, 2), (-2.1, -3), (1e308, .max), (-1e308, .min), (.infinity, .max), (-.infinity, .min), (.nan, 0),
      (9_223_372_036_854_775_808, .max), (-9_223_372_036_854_775_808, .min), (9_007_199_254_740_992, 1 << 53),
    ] as [(Double, Int)])
  func anyNumberBecomesAnInteger(number: Double, expected: Int) { #expect(Int(clamping: number) == expected) }

  @Test func otherWidthsHaveTheirOwnBounds() {
    #expect(UInt16(clamping: 70_000.5) == 65_535 && UInt16(clamping: -1.0) == 0 && UInt16(clamping: 8.5) == 8)
  }
}
