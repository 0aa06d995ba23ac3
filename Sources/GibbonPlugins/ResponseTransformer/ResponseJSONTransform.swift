// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// Changes to the members of a JSON object: remove, rename, replace, add, append.
struct ResponseJSONTransform: Sendable {
  private struct Entry: Sendable {
    let name: String
    let value: JSONValue
  }

  private let remove: [String]
  private let rename: [NamedValue]
  private let replace: [Entry]
  private let add: [Entry]
  private let append: [Entry]
  let isEmpty: Bool

  init(_ configuration: ResponseTransformerPlugin.Configuration) {
    self.remove = configuration.remove.json.map { NamedValue($0).name }
    self.rename = configuration.rename.json.map { NamedValue($0) }
    self.replace = Self.entries(configuration.replace)
    self.add = Self.entries(configuration.add)
    self.append = Self.entries(configuration.append)
    self.isEmpty = [
      configuration.remove, configuration.rename, configuration.replace, configuration.add, configuration.append,
    ].allSatisfy(\.json.isEmpty)
  }

  /// Values that are not of the type they are to have are left out.
  private static func entries(_ changes: ResponseTransformerPlugin.Configuration.Changes) -> [Entry] {
    let types = changes.jsonTypes ?? []
    return changes.json.enumerated().compactMap { index, text in
      let pair = NamedValue(text)
      // Kong's text for a value that is empty.
      let value = self.value(pair.value ?? "null", type: types.indices.contains(index) ? types[index] : "string")
      return value.map { Entry(name: pair.name, value: $0) }
    }
  }

  private static func value(_ text: String, type: String) -> JSONValue? {
    switch type {
    case "boolean": .bool(text.isSame(as: "true"))
    case "number": Self.number(text)
    default: .string(text)
    }
  }

  /// What Lua's `tonumber` takes: decimal, or hexadecimal without a fraction.
  private static func number(_ text: String) -> JSONValue? {
    func isSpace(_ byte: UInt8) -> Bool { byte == .space || 0x09...0x0D ~= byte }
    var digits = text.utf8.drop(while: isSpace)
    while let last = digits.last, isSpace(last) { digits.removeLast() }
    let isNegative = digits.first == UInt8(ascii: "-")
    let magnitude = isNegative || digits.first == UInt8(ascii: "+") ? digits.dropFirst() : digits
    if magnitude.prefix(2).map(\.asciiLowercased).elementsEqual("0x".utf8) {
      let hexadecimal = magnitude.dropFirst(2)
      guard hexadecimal.first?.hexDigitValue != nil else { return nil }
      return Int64(String(decoding: hexadecimal, as: UTF8.self), radix: 16).map { .int(isNegative ? -$0 : $0) }
    }
    let decimal = String(decoding: digits, as: UTF8.self)
    if let value = Int64(decimal) { return .int(value) }
    guard let first = magnitude.first, first.isASCIIDigit || first == UInt8(ascii: "."), let value = Double(decimal),
      value.isFinite
    else { return nil }
    return .double(value)
  }

  /// The body with the changes; nil when it is no JSON. What is no object stays as it is.
  func apply(to body: [UInt8]) -> [UInt8]? {
    guard case .success(let value) = JSONParser.parse(body) else { return nil }
    guard case .object(var object) = value else { return body }
    for name in self.remove { object[name] = nil }
    for pair in self.rename {
      guard let name = pair.value, !name.isSame(as: pair.name), let value = object[pair.name] else { continue }
      object[name] = value
      object[pair.name] = nil
    }
    for entry in self.replace where Self.has(entry.name, in: object) { object[entry.name] = entry.value }
    for entry in self.add where !Self.has(entry.name, in: object) { object[entry.name] = entry.value }
    for entry in self.append { object.append(entry.value, to: entry.name) }
    return JSONValue.object(object).serialized()
  }

  /// A member that is false counts as none, as in Lua.
  private static func has(_ name: String, in object: JSONObject) -> Bool {
    object[name].map { $0 != .bool(false) } ?? false
  }
}
