// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// The types of plain YAML scalars, as the parser that Kong uses sees them: YAML 1.1 with `yes` and `on`,
/// octal `017`, and numbers to base 60.
enum YAMLScalar {
  private static let words: [String: JSONValue] = [
    "": .null, "~": .null, "null": .null, "Null": .null, "NULL": .null,
    "true": .bool(true), "True": .bool(true), "TRUE": .bool(true),
    "false": .bool(false), "False": .bool(false), "FALSE": .bool(false),
    "yes": .bool(true), "Yes": .bool(true), "YES": .bool(true),
    "no": .bool(false), "No": .bool(false), "NO": .bool(false),
    "on": .bool(true), "On": .bool(true), "ON": .bool(true),
    "off": .bool(false), "Off": .bool(false), "OFF": .bool(false),
  ]

  /// What a plain scalar means.
  static func value(of text: String) -> JSONValue {
    let bytes = text.utf8
    guard let first = bytes.first else { return .null }
    if first.isASCIIDigit || first == 0x2B || first == 0x2D || first == 0x2E {
      return Self.number(text) ?? .string(text)
    }
    if bytes.count <= 5, let word = Self.words[text] { return word }
    return .string(text)
  }

  /// What a scalar with an explicit tag means; nil when its text does not fit.
  static func value(of text: String, tag: String) -> JSONValue? {
    let prefix = "tag:yaml.org,2002:"
    guard tag.hasPrefix(prefix) else { return .string(text) }
    let value = Self.value(of: text)
    switch tag.dropFirst(prefix.count) {
    case "null": return value.isNull ? value : nil
    case "bool": return value.boolValue == nil ? nil : value
    case "int": return value.intValue == nil ? nil : value
    case "float": return value.doubleValue.map { .double($0) }
    default: return .string(text)
    }
  }

  private static func number(_ text: String) -> JSONValue? {
    var digits = Array(text.utf8)[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
    if let magnitude = Self.integer(digits) { return Self.signed(magnitude, isNegative) }
    let plain = text.utf8.contains(UInt8(ascii: "_")) ? text.filter { $0 != "_" } : text
    let isFloat = digits.contains { $0 == 0x2E || $0 | 0x20 == UInt8(ascii: "e") }
    let isDecimal = digits.allSatisfy {
      $0.isASCIIDigit || $0 == 0x2E || $0 | 0x20 == UInt8(ascii: "e") || $0 == 0x2B || $0 == 0x2D || $0 == 0x5F
    }
    if isFloat, isDecimal, digits.contains(where: \.isASCIIDigit), let value = Double(Self.completed(plain)),
      value.isFinite
    {
      return .double(value)
    }
    return Self.sexagesimal(digits).flatMap { Self.signed($0, isNegative) }
  }

  /// `5.` and `.5` are numbers to Lua; Swift wants a digit on both sides.
  private static func completed(_ text: String) -> String {
    text.hasSuffix(".") ? text + "0" : text
  }

  private static func signed(_ magnitude: UInt64, _ isNegative: Bool) -> JSONValue? {
    guard let value = Int64(exactly: magnitude) else {
      return .double(isNegative ? -Double(magnitude) : Double(magnitude))
    }
    return .int(isNegative ? -value : value)
  }

  /// Decimal, octal with a leading zero, hexadecimal and binary, with underscores.
  private static func integer(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard let first = digits.first, first.isASCIIDigit else { return nil }
    let second = digits.dropFirst().first
    if first == UInt8(ascii: "0"), second == UInt8(ascii: "x") { return Self.integer(digits.dropFirst(2), radix: 16) }
    if first == UInt8(ascii: "0"), second == UInt8(ascii: "b") { return Self.integer(digits.dropFirst(2), radix: 2) }
    if first == UInt8(ascii: "0"), digits.count > 1, let value = Self.integer(digits.dropFirst(), radix: 8) {
      return value
    }
    return Self.integer(digits, radix: 10)
  }

  private static func integer(_ digits: ArraySlice<UInt8>, radix: UInt64) -> UInt64? {
    var value: UInt64 = 0
    var hasDigit = false
    for byte in digits where byte != UInt8(ascii: "_") {
      guard let digit = byte.hexDigitValue, UInt64(digit) < radix else { return nil }
      let (shifted, overflowed) = value.multipliedReportingOverflow(by: radix)
      let (sum, carried) = shifted.addingReportingOverflow(UInt64(digit))
      if overflowed || carried { return nil }
      value = sum
      hasDigit = true
    }
    return hasDigit ? value : nil
  }

  /// `190:20:30`: numbers to base 60.
  private static func sexagesimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
    let parts = digits.split(separator: 0x3A, omittingEmptySubsequences: false)
    guard parts.count > 1 else { return nil }
    var value: UInt64 = 0
    for (index, part) in parts.enumerated() {
      guard !part.isEmpty, part.count <= 6, part.allSatisfy(\.isASCIIDigit), let number = Self.integer(part, radix: 10),
        index == 0 || number < 60
      else { return nil }
      let (shifted, overflowed) = value.multipliedReportingOverflow(by: 60)
      if overflowed { return nil }
      value = shifted &+ number
    }
    return value
  }
}
