// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// A value bound to a statement.
enum Parameter: Sendable {
  case text(String?)
  case integer(Int64)
  case real(Double?)

  /// As PostgreSQL reads it; nil is NULL.
  var encoded: String? {
    switch self {
    case .text(let text): text
    case .integer(let value): "\(value)"
    case .real(let value): value.map { "\($0)" }
    }
  }

  /// The text of a column by which entities are found.
  static func key(_ text: String?) -> Parameter { .text(text.map(ColumnText.encode)) }
}

/// Texts in columns. PostgreSQL's cannot hold the character zero; two are written otherwise, in a way that keeps every
/// text apart from every other, and their order.
enum ColumnText {
  private static let mark: UInt8 = 1

  static func encode(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 <= Self.mark }) else { return text }
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte <= Self.mark { bytes += [Self.mark, UInt8(ascii: "0") + byte] } else { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func decode(_ text: String) -> String {
    guard text.utf8.contains(Self.mark) else { return text }
    var bytes: [UInt8] = []
    var isMarked = false
    for byte in text.utf8 {
      if isMarked { bytes.append(byte &- UInt8(ascii: "0")) } else if byte != Self.mark { bytes.append(byte) }
      isMarked = !isMarked && byte == Self.mark
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Texts side by side as C has them, for one call.
struct CTexts {
  private var bytes: [UInt8] = []
  private var starts: [Int?] = []

  init(_ texts: [String?]) {
    for text in texts {
      self.starts.append(text == nil ? nil : self.bytes.count)
      if let text { self.bytes += text.utf8.filter { $0 != 0 } + [0] }
    }
  }

  /// Calls `body` with a pointer to each text; nil for those that are none.
  func withPointers<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
    // Safety: the pointers are into the bytes, each at the start of a text with its closing zero; they live for the
    // call.
    unsafe self.bytes.withUnsafeBytes { all in
      let base = unsafe all.baseAddress?.assumingMemoryBound(to: CChar.self)
      let pointers: [UnsafePointer<CChar>?] = unsafe self.starts.map { start in
        guard let start, let base = unsafe base else { return nil }
        return unsafe base + start
      }
      return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
  }
}

/// Gathers the values of a statement while its text is made.
struct Arguments {
  private(set) var values: [Parameter] = []

  /// The place of a value in the statement's text.
  mutating func bind(_ value: Parameter) -> String {
    self.values.append(value)
    return "$\(self.values.count)"
  }
}
