// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// What stands beside a name in a form or query.
enum FormValue: Sendable, Hashable {
  case text(String)
  /// The name stands without `=`, which Kong reads as true.
  case flag

  /// nil for a flag.
  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .flag: .bool(true)
    }
  }
}

/// One argument of a form or query.
typealias FormPair = (name: String, value: FormValue)

/// Reads `application/x-www-form-urlencoded`, the form of bodies and of query strings, as OpenResty does.
enum FormDecoder {
  /// Arguments of one form or query, empty ones between two `&` included; Kong's limit.
  static let maxCount = 1000

  /// The arguments in their order. Those without a name are dropped.
  static func pairs(urlEncoded bytes: [UInt8]) -> Result<[FormPair], ArgumentError> {
    var pairs: [FormPair] = []
    var count = 0
    var start = 0
    while start < bytes.count || (start == bytes.count && count > 0) {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
      count += 1
      guard count <= Self.maxCount else { return .failure(.tooMany) }
      if let pair = Self.pair(bytes[start..<end]) { pairs.append(pair) }
      start = end + 1
    }
    return .success(pairs)
  }

  private static func pair(_ bytes: ArraySlice<UInt8>) -> FormPair? {
    let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    let name = Self.decoded(bytes[..<(equals ?? bytes.endIndex)])
    guard !name.isEmpty else { return nil }
    guard let equals else { return (name, .flag) }
    return (name, .text(Self.decoded(bytes[(equals + 1)...])))
  }

  /// `+` becomes a space and `%XX` a byte; other `%` stay. What is not UTF-8 then is repaired with U+FFFD.
  static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
      return String(decoding: bytes, as: UTF8.self)
    }
    return String(decoding: FormText.decoded(bytes), as: UTF8.self)
  }
}
