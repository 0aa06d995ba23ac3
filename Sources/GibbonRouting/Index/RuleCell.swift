// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The rules at one place of the index, when they are several.
///
/// Small cells are lists in the order of rank. A large one is divided by the first attribute that its
/// rules ask for: rules that differ in a header's value or in the method are then found by it.
struct RuleCell: Sendable {
  /// Rules divided no further, highest rank first.
  var rules: [UInt32] = []
  var branches: [Branch] = []

  /// Which of a rule's discriminators divides this cell.
  var level: UInt8 = 0
  var isDivided = false

  /// The next unused cell.
  var nextFree: UInt32 = 0

  /// A list longer than this is divided where that is possible.
  static let listLimit = 24

  struct Branch: Sendable {
    enum Kind: Sendable, Hashable {
      case header(String)
      case sni
      case method
    }

    let kind: Kind

    /// A trie from the attribute's value to a place.
    var root: UInt32
    var count = 0

    /// All rules of the branch, for requests to which its attribute does not apply (SNI without TLS).
    var all: UInt32 = 0
  }
}

/// Rules at one place: none, one or a cell, in 32 bits.
struct RulePlace: Sendable {
  let raw: UInt32

  static let empty = RulePlace(raw: 0)

  @inline(__always) init(raw: UInt32) { self.raw = raw }
  @inline(__always) init(rule: UInt32) { self.raw = rule << 1 | 1 }
  @inline(__always) init(cell: UInt32) { self.raw = cell << 1 }

  @inline(__always) var isEmpty: Bool { self.raw == 0 }
  @inline(__always) var rule: UInt32? { self.raw & 1 == 1 ? self.raw >> 1 : nil }
  @inline(__always) var cell: UInt32 { self.raw >> 1 }
}
