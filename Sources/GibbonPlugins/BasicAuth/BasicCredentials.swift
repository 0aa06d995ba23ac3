// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A name and a password from a header, read as generously as Kong reads them.
struct BasicCredentials {
  private let decoded: [UInt8]
  private let nameRange: Range<Int>
  private let passwordRange: Range<Int>

  var name: ArraySlice<UInt8> { self.decoded[self.nameRange] }
  var password: ArraySlice<UInt8> { self.decoded[self.passwordRange] }

  /// Lends the bytes of the name.
  func withName<R>(_ body: (Span<UInt8>) -> R) -> R { body(self.decoded.span.extracting(self.nameRange)) }

  /// - Parameter field: the value of `Authorization` or `Proxy-Authorization`; nil for one that names nobody.
  init?(_ field: Span<UInt8>) {
    guard let start = Self.startOfCode(in: field) else { return nil }
    // As nginx reads it, nothing after the padding counts.
    let code = field.extracting(start...).array.prefix { $0 != UInt8(ascii: "=") }
    guard let decoded = Base64.standard.decoded(code) else { return nil }
    // Colons in front of the name are passed over; the password ends where its line does.
    guard let start = decoded.firstIndex(where: { $0 != Self.colon }),
      let colon = decoded[start...].firstIndex(of: Self.colon)
    else { return nil }
    let end = decoded[colon...].firstIndex(of: .lineFeed) ?? decoded.count
    self.decoded = decoded
    self.nameRange = start..<colon
    self.passwordRange = colon + 1..<end
  }

  private static let colon = UInt8(ascii: ":")

  /// Where what follows the word `Basic` begins. The word may stand anywhere and begin with a small letter.
  private static func startOfCode(in field: Span<UInt8>) -> Int? {
    var index = 0
    while index + 5 < field.count {
      defer { index += 1 }
      guard field[index] | 0x20 == UInt8(ascii: "b"), field[index + 1] == UInt8(ascii: "a"),
        field[index + 2] == UInt8(ascii: "s"), field[index + 3] == UInt8(ascii: "i"),
        field[index + 4] == UInt8(ascii: "c")
      else { continue }
      var start = index + 5
      while start < field.count, field[start] == .space || (0x09...0x0D).contains(field[start]) { start += 1 }
      return start
    }
    return nil
  }
}
