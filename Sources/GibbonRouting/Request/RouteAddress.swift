// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// An IPv4 or IPv6 address as two halves of 128 bits.
@frozen
public struct RouteAddress: Sendable, Hashable {
  public let isIPv6: Bool
  public let high: UInt64
  public let low: UInt64

  /// From the 32 bits of an IPv4 address, first octet in the highest bits.
  @inlinable
  public init(v4 bits: UInt32) {
    self.isIPv6 = false
    self.high = UInt64(bits) << 32
    self.low = 0
  }

  /// From the two halves of an IPv6 address, first group in the highest bits.
  @inlinable
  public init(v6High high: UInt64, low: UInt64) {
    self.isIPv6 = true
    self.high = high
    self.low = low
  }

  /// Parses `192.0.2.1` or `2001:db8::1` (RFC 4291 section 2.2, with an embedded IPv4 tail); anything else is nil.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: ":")) {
      guard let halves = Self.parseIPv6(bytes[...]) else { return nil }
      self.init(v6High: halves.high, low: halves.low)
    } else {
      guard let bits = Self.parseIPv4(bytes[...]) else { return nil }
      self.init(v4: bits)
    }
  }

  static func parseIPv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    var bits: UInt32 = 0
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy(\.isASCIIDigit) else { return nil }
      guard part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
      let value = part.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
      guard value < 256 else { return nil }
      bits = bits << 8 | value
    }
    return bits
  }

  private static func parseIPv6(_ bytes: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
    var groups: [UInt16] = []
    var gap: Int?
    var rest = bytes
    if rest.starts(with: [0x3A, 0x3A]) {
      gap = 0
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let part = rest.prefix { $0 != 0x3A }
      guard groups.count < 8 else { return nil }
      if part.contains(UInt8(ascii: ".")) {
        guard part.count == rest.count, let bits = Self.parseIPv4(part) else { return nil }
        groups += [UInt16(truncatingIfNeeded: bits >> 16), UInt16(truncatingIfNeeded: bits)]
        break
      }
      guard let group = Self.parseGroup(part) else { return nil }
      groups.append(group)
      rest = rest.dropFirst(part.count)
      guard !rest.isEmpty else { break }
      rest = rest.dropFirst()
      if rest.first == 0x3A {
        guard gap == nil else { return nil }
        gap = groups.count
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return nil
      }
    }
    if let gap {
      guard groups.count < 8 else { return nil }
      groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    return (high, groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) })
  }

  private static func parseGroup(_ digits: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(digits.count) else { return nil }
    var value: UInt16 = 0
    for digit in digits {
      guard let nibble = digit.hexDigitValue else { return nil }
      value = value << 4 | UInt16(nibble)
    }
    return value
  }
}

/// A block of addresses; a single address is a block of one.
struct AddressBlock: Sendable, Hashable {
  let base: RouteAddress
  let length: Int

  /// Parses `address` or `address/length`; bits beyond the length are ignored.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let base = RouteAddress(first) else { return nil }
    let width = base.isIPv6 ? 128 : 32
    var length = width
    if parts.count == 2 {
      let digits = parts[1].utf8
      guard (1...3).contains(digits.count), digits.allSatisfy(\.isASCIIDigit) else { return nil }
      guard let given = Int(parts[1]), given <= width else { return nil }
      length = given
    }
    self.base = base
    self.length = length
  }

  var isSingle: Bool { self.length == (self.base.isIPv6 ? 128 : 32) }

  /// Whether no bit is set beyond the length.
  var hasNoHostPart: Bool {
    let highBits = min(64, self.length)
    let highRest = UInt64.max >> UInt64(highBits)
    let lowRest = UInt64.max >> UInt64(self.length - highBits)
    return self.base.high & highRest == 0 && (!self.base.isIPv6 || self.base.low & lowRest == 0)
  }

  func contains(_ address: RouteAddress) -> Bool {
    guard address.isIPv6 == self.base.isIPv6 else { return false }
    let highBits = min(64, self.length)
    let lowBits = self.length - highBits
    // A shift by 64 gives zero in Swift, which is what "no bits compared" needs.
    let highMask = ~(UInt64.max >> UInt64(highBits))
    let lowMask = ~(UInt64.max >> UInt64(lowBits))
    return (address.high ^ self.base.high) & highMask == 0 && (address.low ^ self.base.low) & lowMask == 0
  }
}
