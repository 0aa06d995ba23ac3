// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// Texts that Lua's `tonumber` takes for numbers: decimal and hexadecimal, with fraction and exponent, and
/// white space around them. Not `inf` and `nan`, which JSON cannot say.
enum LuaNumber {
  /// Bytes of the longest text that is looked at.
  static let maxLength = 512

  /// The number; nil where the text is none, or too large for one.
  static func value(of text: String) -> JSONValue? {
    guard text.utf8.count <= Self.maxLength else { return nil }
    var bytes = Array(text.utf8)[...]
    bytes = bytes.drop(while: Self.isSpace)
    while let last = bytes.last, Self.isSpace(last) { bytes.removeLast() }
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
    let isHexadecimal = bytes.count > 2 && bytes.starts(with: "0x".utf8, by: { $0.asciiLowercased == $1 })
    let digits = isHexadecimal ? bytes.dropFirst(2) : bytes
    guard Self.isNumeral(digits, isHexadecimal: isHexadecimal) else { return nil }
    if let integer = Int64(String(decoding: digits, as: UTF8.self), radix: isHexadecimal ? 16 : 10) {
      return .int(isNegative ? -integer : integer)
    }
    let magnitude =
      isHexadecimal ? Self.hexadecimal(digits) : Double(Self.withDigits(String(decoding: digits, as: UTF8.self)))
    guard let magnitude, magnitude.isFinite else { return nil }
    let value = isNegative ? -magnitude : magnitude
    // Exact below 2^53, as in Lua.
    if magnitude < 0x1p53, let integer = Int64(exactly: value) { return .int(integer) }
    return .double(value)
  }

  /// Digits with at most one point among, before or behind them, then perhaps an exponent of decimal digits.
  private static func isNumeral(_ bytes: ArraySlice<UInt8>, isHexadecimal: Bool) -> Bool {
    let isDigit: (UInt8) -> Bool = { isHexadecimal ? $0.hexDigitValue != nil : $0.isASCIIDigit }
    let whole = bytes.prefix(while: isDigit)
    var rest = bytes[whole.endIndex...]
    var digits = whole.count
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix(while: isDigit)
      digits += fraction.count
      rest = rest[fraction.endIndex...]
    }
    guard digits > 0 else { return false }
    guard let mark = rest.popFirst() else { return true }
    guard mark.asciiLowercased == (isHexadecimal ? UInt8(ascii: "p") : UInt8(ascii: "e")) else { return false }
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    return !rest.isEmpty && rest.allSatisfy(\.isASCIIDigit)
  }

  /// `.5` and `5.` with the digit that Swift wants.
  private static func withDigits(_ numeral: String) -> String {
    var text = numeral.hasPrefix(".") ? "0" + numeral : numeral
    if let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) {
      let next = text.utf8.index(after: point)
      if next == text.utf8.endIndex || !text.utf8[next].isASCIIDigit { text.remove(at: point) }
    }
    return text
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> Double? {
    var text = Array(Self.withHexDigits(digits))
    if !text.contains(where: { $0.asciiLowercased == UInt8(ascii: "p") }) { text += "p0".utf8 }
    return Double("0x" + String(decoding: text, as: UTF8.self))
  }

  private static func withHexDigits(_ digits: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = digits.first == UInt8(ascii: ".") ? [UInt8(ascii: "0")] : []
    for (index, byte) in zip(digits.indices, digits) {
      let next = index + 1 < digits.endIndex ? digits[index + 1] : 0
      if byte == UInt8(ascii: "."), next.hexDigitValue == nil { continue }
      output.append(byte)
    }
    return output
  }

  /// As C's `isspace` has it.
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == .space || (.tab...(.carriageReturn)).contains(byte)
  }
}
