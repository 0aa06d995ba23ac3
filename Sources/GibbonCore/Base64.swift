// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Base64 (RFC 4648 sections 4 and 5), read as generously as nginx reads it: padding may be missing, and bits that no
/// byte needs may be set.
public struct Base64: Sendable {
  /// With `+` and `/`.
  public static let standard = Base64(["+", "/"])
  /// With `-` and `_`: what tokens are written in.
  public static let url = Base64(["-", "_"])
  /// With any of these.
  public static let either = Base64(["+", "/", "-", "_"])

  private static let invalid: UInt8 = 0xFF
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

  /// By digit.
  private let values: [UInt8]
  /// By value.
  private let digits: [UInt8]

  /// - Parameter last: the digits for 62 and 63, in turn.
  private init(_ last: [Unicode.Scalar]) {
    var values = [UInt8](repeating: Self.invalid, count: 256)
    for (value, digit) in Self.alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
    for (index, digit) in last.enumerated() { values[Int(UInt8(ascii: digit))] = 62 + UInt8(index % 2) }
    self.values = values
    self.digits = Self.alphabet + last.prefix(2).map { UInt8(ascii: $0) }
  }

  /// The bytes that a text writes; nil for one with other characters, with padding inside, or that ends within a
  /// byte.
  public func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let digits = text.prefix { $0 != UInt8(ascii: "=") }
    guard digits.count % 4 != 1, text[digits.endIndex...].allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
    var output: [UInt8] = []
    output.reserveCapacity(digits.count / 4 * 3 + 2)
    var bits: UInt32 = 0
    var count = 0
    for digit in digits {
      let value = self.values[Int(digit)]
      guard value != Self.invalid else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return output
  }

  public func decoded(_ text: some StringProtocol) -> [UInt8]? { self.decoded(Array(text.utf8)[...]) }

  /// The text that writes these bytes.
  public func encoded(_ bytes: [UInt8], isPadded: Bool = true) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        if place <= group.count {
          text.append(self.digits[bits >> (18 - 6 * place) & 63])
        } else if isPadded {
          text.append(UInt8(ascii: "="))
        }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
