// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// Scalars from JSON: numbers also in quotes, integers also with a fraction of zero.
enum ScalarJSON {
  static func value(_ json: JSONValue, _ type: FieldType, at place: String) throws(TranscodingError) -> FieldValue {
    switch type {
    case .bool:
      guard case .bool(let value) = json else { throw TranscodingError(place, "expected true or false") }
      return .bool(value)
    case .string:
      guard case .string(let text) = json else { throw TranscodingError(place, "expected a string") }
      return .string(text)
    case .bytes:
      guard case .string(let text) = json, let data = Base64.either.decoded(text) else {
        throw TranscodingError(place, "expected a string in base64")
      }
      return .bytes(data)
    case .int32, .sint32, .sfixed32:
      return .signed(Int64(try Self.integer(json, Int32.self, "an integer of 32 bits", at: place)))
    case .int64, .sint64, .sfixed64:
      return .signed(try Self.integer(json, Int64.self, "an integer of 64 bits", at: place))
    case .uint32, .fixed32:
      return .unsigned(UInt64(try Self.integer(json, UInt32.self, "a positive integer of 32 bits", at: place)))
    case .uint64, .fixed64:
      return .unsigned(try Self.integer(json, UInt64.self, "a positive integer of 64 bits", at: place))
    case .float:
      let value = try Self.double(json, at: place)
      guard !value.isFinite || abs(value) <= Double(Float.greatestFiniteMagnitude) else {
        throw TranscodingError(place, "expected a number of 32 bits")
      }
      return .float(Float(value))
    case .double: return .double(try Self.double(json, at: place))
    case .message, .enumeration: throw TranscodingError(place, "expected another type")
    }
  }

  private static func integer<Number: FixedWidthInteger>(
    _ json: JSONValue, _ type: Number.Type, _ expected: String, at place: String
  ) throws(TranscodingError) -> Number {
    let value: Number? =
      switch json {
      case .int(let value): Number(exactly: value)
      case .double(let value): Self.exact(value)
      case .string(let text): Number(text) ?? ScalarText.double(text).flatMap { Self.exact($0) }
      default: nil
      }
    guard let value else { throw TranscodingError(place, "expected \(expected)") }
    return value
  }

  /// Integers that a number of JSON has no doubt about: larger ones must be written in quotes.
  private static func exact<Number: FixedWidthInteger>(_ value: Double) -> Number? {
    abs(value) <= 9_007_199_254_740_992 ? Number(exactly: value) : nil
  }

  private static func double(_ json: JSONValue, at place: String) throws(TranscodingError) -> Double {
    let value: Double? =
      switch json {
      case .int(let value): Double(value)
      case .double(let value): value
      case .string("NaN"): .nan
      case .string("Infinity"): .infinity
      case .string("-Infinity"): -.infinity
      case .string(let text): ScalarText.double(text)
      default: nil
      }
    guard let value else { throw TranscodingError(place, "expected a number") }
    return value
  }
}

/// Scalars as texts of their own: in queries and as keys.
enum ScalarText {
  static func bool(_ text: String) -> Bool? {
    if text.isSame(as: "true") { return true }
    return text.isSame(as: "false") ? false : nil
  }

  /// A number as JSON writes it.
  static func double(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ $0.isASCIIDigit || "+-.eE".utf8.contains($0) }), let value = Double(text),
      value.isFinite
    else { return nil }
    return value
  }
}
