// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How many entities the parts of a collection have, as far as it was seen.
struct ShardFill {
  private var entities = 0
  private var parts: Int

  /// - Parameter isWhole: whether the first part is seen from its beginning.
  init(isWhole: Bool) { self.parts = isWhole ? 0 : -1 }

  mutating func add(_ count: Int) {
    if self.parts >= 0 { self.entities += count }
    self.parts += 1
  }

  /// Parts that are likely to have so many.
  func shards(for wanted: Int) -> Int32 {
    guard self.parts > 0 else { return 1 }
    let each = max(1, self.entities / self.parts)
    return Int32(clamping: (wanted + each - 1) / each)
  }
}
