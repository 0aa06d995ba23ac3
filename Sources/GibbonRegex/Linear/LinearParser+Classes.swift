// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Escapes, and classes in brackets.
extension LinearParser {
  mutating func escape() throws(Unsupported) -> LinearNode {
    guard let byte = self.next else { throw Unsupported() }
    self.position += 1
    if let set = ByteSet(escape: byte) { return .set(set) }
    switch byte {
    case UInt8(ascii: "b"): return .assertion(.wordBoundary)
    case UInt8(ascii: "B"): return .assertion(.noWordBoundary)
    case UInt8(ascii: "A"): return .assertion(.textStart)
    case UInt8(ascii: "z"): return .assertion(.textEnd)
    case UInt8(ascii: "Z"): return .assertion(.lastLineEnd)
    case UInt8(ascii: "N"):
      // `\N{…}` names a character.
      if self.next == UInt8(ascii: "{") { throw Unsupported() }
      return .set(ByteSet.lineFeed.inverted)
    default: return self.literal(try self.escapedByte(byte))
    }
  }

  /// The byte that an escape stands for, in a class or outside.
  private mutating func escapedByte(_ byte: UInt8) throws(Unsupported) -> UInt8 {
    switch byte {
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "e"): return 0x1B
    case UInt8(ascii: "x"): return try self.hexByte()
    // Back-references, octal numbers, quoted runs and all that later releases may add.
    case _ where byte.isASCIILetter || byte.isASCIIDigit: throw Unsupported()
    default: return byte
    }
  }

  private mutating func hexByte() throws(Unsupported) -> UInt8 {
    guard self.position + 1 < self.bytes.count, let high = self.bytes[self.position].hexDigitValue,
      let low = self.bytes[self.position + 1].hexDigitValue
    else { throw Unsupported() }
    self.position += 2
    return high << 4 | low
  }

  // MARK: Classes

  /// Reads behind `[`.
  mutating func readClass() throws(Unsupported) -> ByteSet {
    let isNegated = self.take("^")
    var set = ByteSet()
    var isFirst = true
    while true {
      guard let byte = self.next else { throw Unsupported() }
      self.position += 1
      if byte == UInt8(ascii: "]"), !isFirst { break }
      isFirst = false
      try self.readMember(byte, into: &set)
    }
    if self.flags.isCaseless { set = set.caseless }
    return isNegated ? set.inverted : set
  }

  private mutating func readMember(_ byte: UInt8, into set: inout ByteSet) throws(Unsupported) {
    if byte == UInt8(ascii: "["), let named = try self.namedClass() {
      set.formUnion(named)
      if self.isRange { throw Unsupported() }
      return
    }
    var low = byte
    if byte == UInt8(ascii: "\\") {
      guard let escaped = self.next else { throw Unsupported() }
      self.position += 1
      if let named = ByteSet(escape: escaped) {
        set.formUnion(named)
        // A hyphen behind it is itself, or an error.
        if self.isRange { throw Unsupported() }
        return
      }
      low = escaped == UInt8(ascii: "b") ? 0x08 : try self.escapedByte(escaped)
    }
    guard self.isRange else { return set.insert(low) }
    self.position += 1
    let high = try self.rangeEnd()
    guard low <= high else { throw Unsupported() }
    for member in low...high { set.insert(member) }
  }

  /// Whether a hyphen and the end of a range follow.
  private var isRange: Bool {
    self.next == UInt8(ascii: "-") && self.position + 1 < self.bytes.count
      && self.bytes[self.position + 1] != UInt8(ascii: "]")
  }

  private mutating func rangeEnd() throws(Unsupported) -> UInt8 {
    guard let byte = self.next else { throw Unsupported() }
    self.position += 1
    if byte == UInt8(ascii: "["), [0x3A, 0x2E, 0x3D].contains(self.next) { throw Unsupported() }
    guard byte == UInt8(ascii: "\\") else { return byte }
    guard let escaped = self.next, ByteSet(escape: escaped) == nil else { throw Unsupported() }
    self.position += 1
    return escaped == UInt8(ascii: "b") ? 0x08 : try self.escapedByte(escaped)
  }

  /// `[:name:]` behind its first bracket; nil when the bracket is a member.
  private mutating func namedClass() throws(Unsupported) -> ByteSet? {
    guard let byte = self.next, [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "=")].contains(byte) else {
      return nil
    }
    // Without its end it would be text: rare enough to leave to PCRE2.
    guard byte == UInt8(ascii: ":") else { throw Unsupported() }
    self.position += 1
    let isNegated = self.take("^")
    let name = self.bytes[self.position...].prefix { $0.isASCIILetter }
    self.position += name.count
    guard self.take(":"), self.take("]"), let set = ByteSet(named: String(decoding: name, as: UTF8.self)) else {
      throw Unsupported()
    }
    guard isNegated else { return set }
    // Without case, PCRE2 takes both of them for letters.
    if self.flags.isCaseless, set == ByteSet(named: "upper") || set == ByteSet(named: "lower") { throw Unsupported() }
    return set.inverted
  }
}
