// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A run of bytes and what follows it. 40 bytes without references, so that a walk touches one cache
/// line per node and no reference counts.
struct TrieNode: Sendable {
  static let labelCapacity = 22

  /// The bytes that lead here; the first one chose this node among its siblings. Empty in a root.
  var label = InlineArray<22, UInt8>(repeating: 0)
  var labelCount: UInt8 = 0

  /// Whether `child` is a fan and not the only child.
  var hasFan = false
  var child: UInt32 = 0

  /// The node after "the rest of this segment is anything"; 0 for none.
  var rest: UInt32 = 0

  /// What ends here, in the words of the trie's owner; 0 for nothing.
  var value: UInt32 = 0

  var isBarren: Bool { self.child == 0 && self.rest == 0 && self.value == 0 }
}

/// One of two levels of a branch: 16 places, chosen by half a byte.
struct TrieFan: Sendable {
  var slots = InlineArray<16, UInt32>(repeating: 0)

  var isEmpty: Bool {
    for index in self.slots.indices where self.slots[index] != 0 { return false }
    return true
  }
}
