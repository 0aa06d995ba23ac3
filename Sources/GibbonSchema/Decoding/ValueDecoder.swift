// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Decodes a validated value, such as a plugin's configuration, into a `Decodable` type.
///
/// Properties are found under their own name or its snake-case form: `hideCredentials` reads
/// `hide_credentials`. Null counts as absent, so that it decodes into optionals.
public struct ValueDecoder: Sendable {
  public init() {}

  public func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws -> Value {
    try Self.unbox(value, as: type, at: [])
  }

  /// A value as a type; JSON values themselves are passed through.
  static func unbox<Value: Decodable>(_ value: JSONValue, as type: Value.Type, at path: [any CodingKey]) throws -> Value
  {
    if let json = value as? Value { return json }
    return try Value(from: ValueBox(value: value, codingPath: path))
  }

  static func mismatch(_ type: Any.Type, _ value: JSONValue, at path: [any CodingKey]) -> DecodingError {
    .typeMismatch(
      type, DecodingError.Context(codingPath: path, debugDescription: "expected \(type), found \(value)"))
  }

  /// `hideCredentials` as `hide_credentials`; runs of capitals are one word, `customID` is `custom_id`.
  static func snakeCase(_ name: String) -> String {
    var output: [UInt8] = []
    let bytes = Array(name.utf8)
    for (index, byte) in bytes.enumerated() {
      guard 0x41...0x5A ~= byte else {
        output.append(byte)
        continue
      }
      let followsLower = index > 0 && !(0x41...0x5A ~= bytes[index - 1]) && bytes[index - 1] != UInt8(ascii: "_")
      let endsCapitals =
        index > 0 && 0x41...0x5A ~= bytes[index - 1] && index + 1 < bytes.count && 0x61...0x7A ~= bytes[index + 1]
      if followsLower || endsCapitals { output.append(UInt8(ascii: "_")) }
      output.append(byte | 0x20)
    }
    return String(decoding: output, as: UTF8.self)
  }
}

extension JSONValue: Decodable {
  /// From a `ValueDecoder` only.
  public init(from decoder: any Decoder) throws {
    guard let box = decoder as? ValueBox else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not decoded by a ValueDecoder"))
    }
    self = box.value
  }
}
