// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What the fields of a block add up to.
struct HPACKList: Sendable {
  private let limits: HPACKLimits
  private var fields = 0
  private var size = 0
  private(set) var outcome = HPACKDecoder.Outcome()

  init(_ limits: HPACKLimits) {
    self.limits = limits
  }

  /// Counts a field whose name and value have `textCount` bytes, before it is stored. Whether it may be; once one may
  /// not, none may.
  @inline(__always)
  mutating func admits(_ textCount: Int, isMalformed: Bool) throws(HPACKError) -> Bool {
    self.fields &+= 1
    // Safe: each is below 2^33, and adding stops at the hard limit.
    self.size &+= textCount &+ HPACKLimits.fieldOverhead
    if isMalformed { self.outcome.isMalformed = true }
    if self.fields > self.limits.fieldCount || self.size > self.limits.listBytes {
      self.outcome.isTooLarge = true
      guard self.size <= self.limits.hardBytes else { throw .excessive }
    }
    return !self.outcome.isTooLarge
  }
}
