// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A `Cookie` field.
enum CookieLine {
  /// Visits the values of a cookie, found as nginx finds them: the name without case, each value up to the next
  /// semicolon. All of them: a service may take another than the first.
  ///
  /// - Parameter name: in lower case.
  static func values(of name: [UInt8], in line: [UInt8], _ visit: (ArraySlice<UInt8>) -> Void) {
    var start = line.startIndex
    // Where the value ends that begins in this part: searched once for all commas in it.
    var end = start
    while start < line.endIndex {
      if end <= start { end = line[start...].firstIndex(of: UInt8(ascii: ";")) ?? line.endIndex }
      if let value = Self.leading(name, in: line[start..<end]) { visit(value) }
      guard let mark = line[start...].firstIndex(where: { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: ",") }) else {
        return
      }
      start = line[(mark + 1)...].firstIndex { $0 != .space } ?? line.endIndex
    }
  }

  /// What follows, when the text begins with this name and an equals sign.
  private static func leading(_ name: [UInt8], in text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard text.prefix(name.count).lazy.map(\.asciiLowercased).elementsEqual(name) else { return nil }
    let rest = text.dropFirst(name.count).drop { $0 == .space }
    guard rest.first == UInt8(ascii: "=") else { return nil }
    return rest.dropFirst().drop { $0 == .space }
  }
}
