// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Base64 (RFC 4648), read as generously as nginx reads it: padding may be missing, and bits that no byte needs may
/// be set.
struct Base64: Sendable {
  /// With `+` and `/`.
  static let standard = Base64(["+", "/"])
  /// With `-` and `_`: what tokens are written in.
  static let url = Base64(["-", "_"])
  /// With any of these.
  static let either = Base64(["+", "/", "-", "_"])

  private static let invalid: UInt8 = 0xFF
  private let values: [UInt8]

  /// - Parameter last: the digits for 62 and 63, in turn.
  private init(_ last: [Unicode.Scalar]) {
    var values = [UInt8](repeating: Self.invalid, count: 256)
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    for (value, digit) in letters.enumerated() { values[Int(digit)] = UInt8(value) }
    for (index, digit) in last.enumerated() { values[Int(UInt8(ascii: digit))] = 62 + UInt8(index % 2) }
    self.values = values
  }

  /// The bytes that a text writes; nil for one with other characters, with padding inside, or that ends within a
  /// byte.
  func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
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
}
