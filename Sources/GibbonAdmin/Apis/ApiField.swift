// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// What a field of an API holds, and how lenient Kong's first versions were about writing it.
enum ApiField: Sendable {
  case id, text, url, list, flag, number, time

  /// The fields of both generations.
  static let all: [String: ApiField] = [
    "id": .id, "created_at": .time, "name": .text, "upstream_url": .url, "preserve_host": .flag,
    "request_host": .text, "request_path": .text, "strip_request_path": .flag,
    "hosts": .list, "uris": .list, "methods": .list, "strip_uri": .flag, "https_only": .flag,
    "http_if_terminated": .flag, "retries": .number, "upstream_connect_timeout": .number,
    "upstream_send_timeout": .number, "upstream_read_timeout": .number,
  ]

  /// The value with its type, or what is wrong with it. Lists may be texts with commas; flags and numbers, texts.
  func read(_ value: JSONValue, named name: String) -> Result<JSONValue, Fault> {
    if value.isNull { return .success(.null) }
    let trimmed = value.stringValue.map(Self.trimmed)
    switch self {
    case .id:
      if let id = trimmed.flatMap({ EntityID($0) }) { return .success(.string(id.description)) }
      return .failure(Fault(message: "\(trimmed ?? value.description) is not a valid uuid"))
    case .text: return Self.result(trimmed.map { .string($0) }, "\(name) is not a string")
    case .url: return Self.result(trimmed.map { .string($0) }, "\(name) is not a url")
    case .list: return Self.result(Self.list(value), "\(name) is not an array")
    case .flag: return Self.result(Self.flag(value), "\(name) is not a boolean")
    case .number: return Self.result(Self.number(value), "\(name) is not a number")
    case .time:
      let time = Self.number(value).flatMap { ($0.intValue ?? 0) > 0 ? $0 : nil }
      return Self.result(time, "\(name) is not a timestamp")
    }
  }

  struct Fault: Error {
    let message: String
  }

  private static func result(_ value: JSONValue?, _ fault: String) -> Result<JSONValue, Fault> {
    value.map { .success($0) } ?? .failure(Fault(message: fault))
  }

  private static func trimmed(_ text: String) -> String { Self.trimmed(Substring(text)) }

  private static func trimmed(_ text: Substring) -> String {
    var rest = text.drop(while: \.isWhitespace)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }

  private static func list(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .array(let values):
      return .array(values.map { value in value.stringValue.map { .string(Self.trimmed($0)) } ?? value })
    case .object(let object) where object.isEmpty: return []
    case .string(let text): return .strings(Self.items(of: text))
    default: return nil
    }
  }

  /// The parts between commas; `\,` is a comma inside one.
  static func items(of text: String) -> [String] {
    var items: [String] = []
    var item = ""
    var isEscaped = false
    for character in text {
      switch (isEscaped, character) {
      case (true, ","): item.append(",")
      case (true, _): item += "\\\(character)"
      case (false, ","):
        items.append(item)
        item = ""
      case (false, "\\"): break
      default: item.append(character)
      }
      isEscaped = !isEscaped && character == "\\"
    }
    items.append(isEscaped ? item + "\\" : item)
    let trimmed = items.map { Self.trimmed($0) }
    return trimmed == [""] ? [] : trimmed
  }

  private static func flag(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .bool: value
    case "true": true
    case "false": false
    default: nil
    }
  }

  private static func number(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .int, .double: value
    case .string(let text): LuaNumber.value(of: Self.trimmed(text))
    default: nil
    }
  }
}
