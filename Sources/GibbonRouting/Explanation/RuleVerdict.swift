// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How far a rule is from a request.
struct RuleVerdict {
  let rule: UInt32
  let failures: Int

  /// Leading bytes of the path that agree with one of the rule's.
  let agreement: Int
  let rank: RuleRank

  /// Whether it is a nearer miss than another.
  func isNearer(than other: RuleVerdict) -> Bool {
    if self.failures != other.failures { return self.failures < other.failures }
    if self.agreement != other.agreement { return self.agreement > other.agreement }
    return other.rank < self.rank
  }
}
