// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A run of bytes and what follows it. 36 bytes without references, so that a walk touches one cache
/// line per node and no reference counts.
struct TrieNode: Sendable {
  static let labelCapacity = 22

  /// The bytes that lead here; the first one chose this node among its siblings. Empty in a root.
  var label = InlineArray<22, UInt8>(repeating: 0)
  var labelCount: UInt8 = 0

  var branching = Branching.single
  var child: UInt32 = 0

  /// The node after "the rest of this segment is anything"; 0 for none.
  var rest: UInt32 = 0

  /// What ends here, in the words of the trie's owner; 0 for nothing.
  var value: UInt32 = 0

  /// What `child` is.
  struct Branching: Sendable, Hashable {
    let raw: UInt8

    /// The only child, or none.
    static let single = Branching(raw: 0)
    /// A fan by the upper half of a byte, of fans by the lower.
    static let full = Branching(raw: 1)
    /// A fan by the lower half alone: all bytes have the same upper half, as digits do. It saves every walk a cache
    /// line.
    @inline(__always)
    static func narrow(like byte: UInt8) -> Branching { Branching(raw: 0x10 | byte &>> 4) }

    /// The upper half of a narrow fan.
    @inline(__always) var upperHalf: UInt8 { self.raw & 15 }
  }

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
