// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Methods as bits; those without a bit of their own share one and are compared by name.
struct MethodSet: Sendable {
  static let other: UInt32 = 1 << 31

  private(set) var bits: UInt32 = 0
  private(set) var others: [[UInt8]] = []

  init(_ names: [String]) {
    for name in names {
      let bytes = Array(name.utf8)
      let bit = Self.bit(of: bytes.span)
      self.bits |= bit
      if bit == Self.other { self.others.append(bytes) }
    }
  }

  static func bit(of name: Span<UInt8>) -> UInt32 {
    guard name.count >= 3 else { return Self.other }
    switch name[0] {
    case UInt8(ascii: "G"): if name.equals("GET") { return 1 }
    case UInt8(ascii: "P"):
      if name.equals("POST") { return 2 }
      if name.equals("PUT") { return 4 }
      if name.equals("PATCH") { return 16 }
    case UInt8(ascii: "D"): if name.equals("DELETE") { return 8 }
    case UInt8(ascii: "H"): if name.equals("HEAD") { return 32 }
    case UInt8(ascii: "O"): if name.equals("OPTIONS") { return 64 }
    case UInt8(ascii: "T"): if name.equals("TRACE") { return 128 }
    case UInt8(ascii: "C"): if name.equals("CONNECT") { return 256 }
    default: break
    }
    return Self.other
  }

  /// Whether a method with the shared bit is in the set.
  func containsOther(_ name: Span<UInt8>) -> Bool {
    for other in self.others where name.equals(other.span) { return true }
    return false
  }
}
