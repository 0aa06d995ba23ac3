// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// A checked `host [ ":" port ]`: the value of `Host`, or the authority of a target.
struct HostPort: Sendable, Equatable {
  /// All of it.
  var authority: ByteRange
  /// Without the port, and without the one dot that may end a name and means nothing (RFC 9110, section 4.2.3 with RFC
  /// 3986, section 3.2.2); an IPv6 literal keeps its brackets.
  var name: ByteRange
  /// nil without a port, and when there is a colon with nothing after it.
  var port: UInt16?

  /// nil if malformed: empty, user information, a byte no host has, two dots in a row, a
  /// percent-encoding, a broken IPv6 literal, a port beyond 65535. Sources: RFC 3986, section 3.2 (without
  /// the never used IPvFuture), and nginx for the empty host and the two dots.
  static func parse(_ input: Span<UInt8>, _ range: ByteRange) -> HostPort? {
    let (start, end) = (range.lowerBound, range.upperBound)
    guard start < end, end <= input.count else { return nil }
    var nameEnd = start
    if input[start] == UInt8(ascii: "[") {
      while nameEnd < end, input[nameEnd] != UInt8(ascii: "]") { nameEnd &+= 1 }
      guard nameEnd < end, IPv6Literal.isValid(input.extracting(start &+ 1..<nameEnd)) else { return nil }
      nameEnd &+= 1
    } else {
      guard let found = Self.endOfName(input, from: start, to: end) else { return nil }
      nameEnd = found
    }
    let dot = input[nameEnd &- 1] == UInt8(ascii: ".") ? 1 : 0
    let name = ByteRange(offset: start, count: nameEnd &- start &- dot)
    if nameEnd == end { return HostPort(authority: range, name: name, port: nil) }
    guard input[nameEnd] == UInt8(ascii: ":") else { return nil }
    if nameEnd &+ 1 == end { return HostPort(authority: range, name: name, port: nil) }
    guard let port = Self.port(input.extracting(nameEnd &+ 1..<end)) else { return nil }
    return HostPort(authority: range, name: name, port: port)
  }

  /// The end of a name of at least one byte, or nil when two dots meet. A name with a percent-encoding is none: a route
  /// would compare it as it is, and a service could decode it.
  private static func endOfName(_ input: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    var index = start
    while index < end {
      let byte = input[index]
      guard ByteSet.registeredName.contains(byte) else { break }
      if byte == UInt8(ascii: "."), index > start, input[index &- 1] == byte { return nil }
      index &+= 1
    }
    // A lone dot is the root of the DNS and no host.
    let isNothing = index == start || (index == start &+ 1 && input[start] == UInt8(ascii: "."))
    return isNothing ? nil : index
  }

  private static func port(_ digits: Span<UInt8>) -> UInt16? {
    var value: UInt32 = 0
    for index in digits.indices {
      guard digits[index].isASCIIDigit else { return nil }
      value = value &* 10 &+ UInt32(digits[index] &- 0x30)
      if value > 65535 { return nil }
    }
    return UInt16(truncatingIfNeeded: value)
  }
}

extension Span<UInt8> {
  /// Whether `%` at `index` begins a percent-encoded byte other than NUL.
  func isEscape(at index: Int, to end: Int) -> Bool {
    guard end &- index > 2, let high = self[index &+ 1].hexDigitValue, let low = self[index &+ 2].hexDigitValue
    else { return false }
    return high | low != 0
  }
}
