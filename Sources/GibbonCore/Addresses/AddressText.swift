// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Addresses as proxies write them into fields.
public enum AddressText {
  /// `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`, with white space around it; nil for anything else. An IPv4
  /// address in IPv6 form is the IPv4 address. Without a port it is 0.
  public static func endpoint(_ value: Span<UInt8>) -> (address: IPAddress, port: UInt16)? {
    let text = value.withoutBlanks
    guard text.count > 0, text.count <= IPAddress.textLimit + 8 else { return nil }
    if text[0] == UInt8(ascii: "[") {
      guard let close = text.lastIndex(of: UInt8(ascii: "]")),
        let address = IPAddress(text.extracting(1..<close).text), address.isV6
      else { return nil }
      let rest = text.extracting(droppingFirst: close + 1)
      if rest.isEmpty { return (address.unmapped, 0) }
      guard rest[0] == UInt8(ascii: ":"), let port = self.port(rest.extracting(droppingFirst: 1)) else { return nil }
      return (address.unmapped, port)
    }
    if let address = IPAddress(text.text) { return (address.unmapped, 0) }
    guard let colon = text.lastIndex(of: UInt8(ascii: ":")), let address = IPAddress(text.extracting(0..<colon).text),
      !address.isV6, let port = self.port(text.extracting(droppingFirst: colon + 1))
    else { return nil }
    return (address, port)
  }

  private static func port(_ digits: Span<UInt8>) -> UInt16? {
    guard (1...5).contains(digits.count) else { return nil }
    var value: UInt32 = 0
    for index in digits.indices {
      guard digits[index].isASCIIDigit else { return nil }
      value = value * 10 + UInt32(digits[index] &- 0x30)
    }
    return UInt16(exactly: value)
  }
}

extension IPAddress {
  /// The IPv4 address that `::ffff:1.2.3.4` stands for (RFC 4291, section 2.5.5.2): a rule for one is a rule for both.
  public var unmapped: IPAddress {
    guard self.isV6, self.high == 0, self.low >> 32 == 0xFFFF else { return self }
    return IPAddress(v4: UInt32(truncatingIfNeeded: self.low))
  }
}

extension Span<UInt8> {
  /// Whether there is nothing but white space.
  public var isBlank: Bool {
    for index in self.indices where self[index] != .space && self[index] != .tab { return false }
    return true
  }

  /// Without the white space at both ends.
  public var withoutBlanks: Span<UInt8> {
    @_lifetime(copy self)
    get {
      var (start, end) = (0, self.count)
      while start < end, self[start] == .space || self[start] == .tab { start += 1 }
      while end > start, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
      return self.extracting(start..<end)
    }
  }

  public func lastIndex(of byte: UInt8) -> Int? {
    var index = self.count
    while index > 0 {
      index -= 1
      if self[index] == byte { return index }
    }
    return nil
  }

  /// The text with `A`–`Z` as `a`–`z`; invalid UTF-8 is replaced by U+FFFD.
  public var lowercasedText: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(self.count)
    for index in self.indices { bytes.append(self[index].asciiLowercased) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
