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
    guard let text = request.argument("size") else { return Self.defaultSize }
    guard let number = Double(text) else { throw DataError(.invalidSize, "invalid size", "size must be a number") }
    guard let size = Int(exactly: number), (1...Self.maxSize).contains(size) else {
      throw DataError(.invalidSize, "invalid size", "size must be an integer between 1 and \(Self.maxSize)")
    }
    return size
  }

  /// The parts of the offset: JSON texts in base64, as Kong's.
  static func offset(_ request: AdminRequest) throws(DataError) -> [String]? {
    guard let text = request.argument("offset") else { return nil }
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
    guard let text = request.argument("tags") else { return nil }
    guard !text.isEmpty else { throw Self.badTags("cannot be null") }
    let all = text.split(separator: ",").map(String.init)
    let any = text.split(separator: "/").map(String.init)
    guard !(text.contains(",") && text.contains("/")), !all.isEmpty, !any.isEmpty else {
      throw Self.badTags("invalid filter syntax")
    }
    guard max(all.count, any.count) <= Self.maxTags else {
      throw Self.badTags("cannot query more than \(Self.maxTags) tags")
    }
    return any.count > 1 ? .any(any) : .all(all)
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
