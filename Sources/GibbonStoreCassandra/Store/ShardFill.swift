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

  /// Parts that are likely to have so many, and one at least.
  func shards(for wanted: Int) -> Int32 {
    guard self.parts > 0 else { return 1 }
    let each = max(1, self.entities / self.parts)
    return min(Shard.count - 1, Int32(clamping: (max(1, wanted) - 1) / each)) + 1
  }
}
