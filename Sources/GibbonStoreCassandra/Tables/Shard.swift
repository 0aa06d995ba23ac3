// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// Parts of a collection, so that no partition of the server's holds all of it.
enum Shard {
  static let count: Int32 = 16
  static let all = 0..<Self.count

  /// Of an entity, by the first letter of its id: 0 to f are a part each. What stands between and beyond goes with its
  /// neighbour, so that one part after the other is in the ids' order.
  static func of(id: ExactText) -> Int32 {
    guard let first = id.text.utf8.first else { return 0 }
    switch first {
    case ..<UInt8(ascii: "0"): return 0
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return Int32(first - UInt8(ascii: "0"))
    case ..<UInt8(ascii: "a"): return 9
    case UInt8(ascii: "a")...UInt8(ascii: "f"): return Int32(first - UInt8(ascii: "a")) + 10
    default: return 15
    }
  }

  /// Of a text that is looked up as a whole: the same on every machine (FNV-1a).
  static func of(hash text: ExactText) -> Int32 {
    var hash: UInt32 = 2_166_136_261
    for byte in text.text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int32(truncatingIfNeeded: (hash ^ hash >> 16) % UInt32(Self.count))
  }
}
