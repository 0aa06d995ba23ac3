// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The place of a rule among all others: the greatest rank that matches wins.
struct RuleRank: Sendable, Hashable, Comparable {
  let primary: UInt64
  let secondary: UInt64

  /// Breaks ties: the larger id wins.
  let id: EntityID

  /// Orders parts of one route that are equal otherwise; the first path has the largest.
  let part: UInt16

  init(primary: UInt64, secondary: UInt64, id: EntityID, part: UInt16 = 0) {
    self.primary = primary
    self.secondary = secondary
    self.id = id
    self.part = part
  }

  @inline(__always)
  static func < (left: RuleRank, right: RuleRank) -> Bool {
    if left.primary != right.primary { return left.primary < right.primary }
    if left.secondary != right.secondary { return left.secondary < right.secondary }
    return left.id == right.id ? left.part < right.part : left.id < right.id
  }
}
