// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The plain types: flags, numbers, identifiers.
enum Scalars {
  static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "on", "true": true
    case "off", "false": false
    default: nil
    }
  }

  /// Digits with an optional sign and fraction; the forms `inf`, `nan`, `0x1` and `1e9` are not numbers here.
  static func number(_ text: String) -> Double? {
    let body = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    let parts = body.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), body.utf8.count <= 32, parts.allSatisfy(Self.isDigits) else { return nil }
    return Double(text)
  }

  static func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  static func isUUID(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit } }
  }

  static func isWebURL(_ text: String) -> Bool {
    for scheme in ["http://", "https://"] where text.lowercased().hasPrefix(scheme) {
      let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
      return !authority.isEmpty && !authority.contains(" ")
    }
    return false
  }

  /// What may stand behind `charset=` as it is: letters, digits and a few signs.
  static func isCharset(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-_.:+".utf8.contains(byte)
      }
  }

  /// A port; 0 lets the system choose one.
  static func port(_ text: some StringProtocol) -> UInt16? {
    Self.isDigits(text) ? UInt16(text) : nil
  }
}

/// Text that commas or white space divide.
enum ListText {
  static func items(_ text: String) -> [String] {
    text.split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
  }

  /// The items that count, as Kong has it: none where the first is `off`; an `off` elsewhere says nothing.
  static func enabled(_ items: [String]) -> [String] {
    items.first?.lowercased() == "off" ? [] : items.filter { $0.lowercased() != "off" }
  }

  static func words(_ text: some StringProtocol) -> [Substring] {
    Substring(text).split(whereSeparator: \.isWhitespace)
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    var slice = Substring(text)
    while slice.first?.isWhitespace == true { slice.removeFirst() }
    while slice.last?.isWhitespace == true { slice.removeLast() }
    return String(slice)
  }
}
