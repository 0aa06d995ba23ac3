// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema
internal import GibbonStore

/// `size`, `offset` and `tags` of lists, and the links to the next page.
enum Paging {
  static let defaultSize = 100
  static let maxSize = 1000
  private static let maxTags = 5

  static func size(_ request: AdminRequest) throws(DataError) -> Int {
    guard let given = request.filter("size") else { return Self.defaultSize }
    guard let number = given.stringValue.flatMap({ LuaNumber.value(of: $0)?.doubleValue }) else {
      throw DataError(.invalidSize, "invalid size", "size must be a number")
    }
    guard let size = Int(exactly: number), (1...Self.maxSize).contains(size) else {
      throw DataError(.invalidSize, "invalid size", "size must be an integer between 1 and \(Self.maxSize)")
    }
    return size
  }

  /// The parts of the offset: JSON texts in base64, as Kong's.
  static func offset(_ request: AdminRequest) throws(DataError) -> [String]? {
    guard let given = request.filter("offset") else { return nil }
    guard let text = given.stringValue else { throw Self.badOffset(given.description, "bad base64 encoding") }
    guard let bytes = Base64.standard.decoded(text) else { throw Self.badOffset(text, "bad base64 encoding") }
    guard case .success(.array(let parts)) = JSONParser.parse(bytes) else {
      throw Self.badOffset(text, "bad json encoding")
    }
    return parts.map { $0.stringValue ?? $0.description }
  }

  private static func badOffset(_ text: String, _ reason: String) -> DataError {
    DataError(.invalidOffset, "invalid offset", "'\(text)' is not a valid offset: \(reason)")
  }

  static func tags(_ request: AdminRequest) throws(DataError) -> TagFilter? {
    guard let given = request.filter("tags") else { return nil }
    // Of several the first counts, as in Kong.
    guard let text = (given.arrayValue?.first ?? given).stringValue, !text.isEmpty else {
      throw Self.badTags("cannot be null")
    }
    let comma = UInt8(ascii: ",")
    let slash = UInt8(ascii: "/")
    let bytes = Array(text.utf8)
    // What was no UTF-8 has been replaced by U+FFFD.
    let isPrintable = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && !text.unicodeScalars.contains("\u{FFFD}")
    guard isPrintable, !(bytes.contains(comma) && bytes.contains(slash)) else {
      throw Self.badTags("invalid filter syntax")
    }
    let separator = bytes.contains(slash) ? slash : comma
    let tags = bytes.split(separator: separator, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard !tags.contains("") else { throw Self.badTags("invalid filter syntax") }
    guard tags.count <= Self.maxTags else { throw Self.badTags("cannot query more than \(Self.maxTags) tags") }
    return separator == slash ? .any(tags) : .all(tags)
  }

  private static func badTags(_ reason: String) -> DataError {
    DataError(
      .invalidOptions, "invalid options", "invalid option (tags: \(reason))", options: ["tags": .string(reason)])
  }

  /// The body of a list.
  ///
  /// - Parameters:
  ///   - path: of the list, as it goes into the link.
  ///   - keeps: the arguments that the link repeats.
  static func body(
    _ data: [JSONValue], next: [String]?, path: String, _ request: AdminRequest, keeps: [String] = []
  ) -> AdminResponse {
    var object: JSONObject = ["data": .array(data), "next": .null]
    if let next {
      let offset = Base64.standard.encoded(JSONValue.strings(next).serialized(), isPadded: false)
      object["next"] = .string(Self.link(path, offset: offset, request, keeps))
      object["offset"] = .string(offset)
    }
    return .json(object)
  }

  static func link(_ path: String, offset: String, _ request: AdminRequest, _ keeps: [String]) -> String {
    var link = path + "?offset=" + PercentEncoding.encoded(offset)
    for name in keeps {
      if let value = request.argument(name) { link += "&\(name)=" + PercentEncoding.encoded(value) }
    }
    return link
  }
}
