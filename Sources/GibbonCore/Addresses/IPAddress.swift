// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// An IPv4 or IPv6 address. IPv4 lives in the low 32 bits.
@frozen
public struct IPAddress: Sendable, Hashable {
  public let high: UInt64
  public let low: UInt64
  public let isV6: Bool

  @inlinable
  public init(v4 value: UInt32) {
    self.high = 0
    self.low = UInt64(value)
    self.isV6 = false
  }

  @inlinable
  public init(v6High high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
    self.isV6 = true
  }

  public static let loopbackV4 = IPAddress(v4: 0x7F00_0001)

  /// Parses dotted IPv4 or RFC 4291 IPv6 text (no brackets, no zone); anything else is nil.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: ":")) {
      guard let groups = IPAddress.parseV6(bytes[...]) else { return nil }
      let halves = groups.enumerated().reduce(into: (UInt64(0), UInt64(0))) { halves, group in
        if group.offset < 4 {
          halves.0 = halves.0 << 16 | UInt64(group.element)
        } else {
          halves.1 = halves.1 << 16 | UInt64(group.element)
        }
      }
      self.init(v6High: halves.0, low: halves.1)
    } else {
      guard let value = IPAddress.parseV4(bytes[...]) else { return nil }
      self.init(v4: value)
    }
  }

  private static func parseV4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy(\.isASCIIDigit) else { return nil }
      let octet = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 &- 0x30) }
      guard octet < 256 else { return nil }
      value = value << 8 | octet
    }
    return value
  }

  /// The eight groups, or nil.
  private static func parseV6(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
    guard bytes.count <= 45 else { return nil }
    let colon = UInt8(ascii: ":")
    var gap: ArraySlice<UInt8>.Index?
    for index in bytes.indices.dropLast() where bytes[index] == colon && bytes[index + 1] == colon {
      guard gap == nil else { return nil }
      gap = index
    }
    guard let gap else {
      let groups = parseGroups(bytes)
      return groups?.count == 8 ? groups : nil
    }
    guard let left = parseGroups(bytes[..<gap]), let right = parseGroups(bytes[(gap + 2)...]),
      left.count + right.count < 8
    else { return nil }
    return left + Array(repeating: 0, count: 8 - left.count - right.count) + right
  }

  private static func parseGroups(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
    guard !bytes.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
        guard let tail = parseV4(part) else { return nil }
        groups += [UInt16(tail >> 16), UInt16(tail & 0xFFFF)]
        continue
      }
      guard (1...4).contains(part.count) else { return nil }
      var group: UInt16 = 0
      for byte in part {
        guard let digit = byte.hexDigitValue else { return nil }
        group = group << 4 | UInt16(digit)
      }
      groups.append(group)
    }
    return groups.count <= 8 ? groups : nil
  }

  /// Appends the text form (RFC 5952 for IPv6).
  public func append(to buffer: inout ByteBuffer) {
    buffer.append(upTo: Self.textLimit) { self.append(to: &$0) }
  }

  /// Bytes of the longest text.
  public static let textLimit = 45

  /// The same; there must be room for `textLimit` bytes.
  public func append(to output: inout OutputSpan<UInt8>) {
    guard self.isV6 else {
      for octet in 0..<4 {
        if octet > 0 { output.append(".") }
        output.append(decimal: Int(self.low >> UInt64(24 - 8 * octet) & 0xFF))
      }
      return
    }
    if self.high == 0, self.low >> 32 == 0xFFFF {
      output.append("::ffff:")
      IPAddress(v4: UInt32(truncatingIfNeeded: self.low)).append(to: &output)
      return
    }
    self.appendV6(to: &output)
  }

  private func group(_ index: Int) -> UInt64 {
    (index < 4 ? self.high : self.low) >> UInt64(48 - 16 * (index & 3)) & 0xFFFF
  }

  private func appendV6(to output: inout OutputSpan<UInt8>) {
    // The longest run of at least two zero groups, the first of equals, becomes "::".
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, self.group(end) == 0 { end += 1 }
      if end - start > max(1, best.count) { best = start..<end }
      start = end + 1
    }
    var index = 0
    while index < 8 {
      if index == best.lowerBound, !best.isEmpty {
        output.append("::")
        index = best.upperBound
        continue
      }
      if index > 0, index != best.upperBound || best.isEmpty { output.append(":") }
      output.append(hex: self.group(index), width: 1)
      index += 1
    }
  }
}

extension IPAddress: CustomStringConvertible {
  public var description: String {
    var buffer = ByteBuffer()
    self.append(to: &buffer)
    return buffer.string
  }
}

/// A block of addresses: `10.0.0.0/8`, `fe80::/10`, or one address.
public struct AddressBlock: Sendable, Hashable {
  public let address: IPAddress
  /// Leading bits that must agree: 0...32 or 0...128.
  public let prefixLength: Int

  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, let address = IPAddress(first) else { return nil }
    let width = address.isV6 ? 128 : 32
    var length = width
    if parts.count == 2 {
      guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(\.isASCIIDigit),
        let given = Int(parts[1]), given <= width
      else { return nil }
      length = given
    }
    self.address = address
    self.prefixLength = length
  }

  public func contains(_ candidate: IPAddress) -> Bool {
    if candidate.isV6 != self.address.isV6 {
      // An IPv4 peer of a dual-stack listener arrives as ::ffff:a.b.c.d.
      guard candidate.isV6, candidate.high == 0, candidate.low >> 32 == 0xFFFF else { return false }
      return self.contains(IPAddress(v4: UInt32(truncatingIfNeeded: candidate.low)))
    }
    let length = self.address.isV6 ? self.prefixLength : self.prefixLength + 96
    func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits)) }
    return (candidate.high ^ self.address.high) & mask(length) == 0
      && (candidate.low ^ self.address.low) & mask(length - 64) == 0
  }
}

extension AddressBlock {
  /// From 4 or 16 bytes in network order.
  public init?(networkBytes bytes: [UInt8], prefixLength: Int) {
    guard bytes.count == 4 || bytes.count == 16, (0...bytes.count * 8).contains(prefixLength) else { return nil }
    func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    self.address =
      bytes.count == 4
      ? IPAddress(v4: UInt32(truncatingIfNeeded: number(bytes)))
      : IPAddress(v6High: number(bytes.prefix(8)), low: number(bytes.suffix(8)))
    self.prefixLength = prefixLength
  }
}
