// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How far a rule is from a request.
struct RuleVerdict {
  let rule: UInt32
  let failures: Int

  /// How much of what it asks for holds, or nearly does.
  let likeness: Int
  let rank: RuleRank

  /// Whether it is a nearer miss than another.
  func isNearer(than other: RuleVerdict) -> Bool {
    if self.failures != other.failures { return self.failures < other.failures }
    if self.likeness != other.likeness { return self.likeness > other.likeness }
    return other.rank < self.rank
  }
}
