// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Texts that came over the wire, or go over it, compared and searched as the bytes they are.
///
/// `String` works on characters: it takes texts of different bytes for equal (U+212A for `K`), joins what follows a
/// separator to it (a comma and an accent, CR and LF), and has letters without case in every script. What another
/// party reads byte by byte must not be read like that here. `TidyTests` refuses the usual functions where wire text
/// is at hand.
extension StringProtocol {
  /// Whether the bytes are the same.
  @inlinable
  public func isSame(as other: some StringProtocol) -> Bool {
    self.utf8.count == other.utf8.count && self.utf8.elementsEqual(other.utf8)
  }

  /// Whether the bytes are the same but for the case of ASCII letters.
  @inlinable
  public func isSame(ignoringCase other: some StringProtocol) -> Bool {
    self.utf8.count == other.utf8.count
      && self.utf8.elementsEqual(other.utf8) { $0.asciiLowercased == $1.asciiLowercased }
  }

  @inlinable
  public func starts(withBytesOf prefix: some StringProtocol) -> Bool { self.utf8.starts(with: prefix.utf8) }

  @inlinable
  public func ends(withBytesOf suffix: some StringProtocol) -> Bool {
    self.utf8.count >= suffix.utf8.count && self.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  /// `A`–`Z` as `a`–`z`; every other byte as it is.
  @inlinable public var asciiLowercased: String { String(decoding: self.utf8.map(\.asciiLowercased), as: UTF8.self) }

  /// With `-` for each `_`: the names of fields as nginx's Lua modules, and with them Kong, look them up.
  @inlinable public var dashed: String {
    String(decoding: self.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
  }
}
