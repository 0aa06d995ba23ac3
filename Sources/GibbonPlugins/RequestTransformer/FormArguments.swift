// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// The arguments of a query or a form, decoded, in order. They are bytes: what is not touched stays what it was in
/// whatever encoding.
struct FormArguments: Sendable {
  typealias Argument = FormText.Argument

  private(set) var arguments: [Argument]

  /// Arguments without a name are dropped, as nginx does.
  init(_ text: [UInt8]) { self.arguments = FormText.arguments(text) }

  var isEmpty: Bool { self.arguments.isEmpty }

  func contains(_ name: String) -> Bool {
    let name = Array(name.utf8)
    return self.arguments.contains { $0.name == name }
  }

  /// The values of a name as templates see them: an argument without `=` is true.
  func value(of name: String) -> JSONValue {
    let name = Array(name.utf8)
    let values = self.arguments.filter { $0.name == name }.map { argument -> JSONValue in
      argument.value.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .bool(true)
    }
    return values.count > 1 ? .array(values) : values.first ?? .null
  }

  // MARK: Changes

  mutating func append(contentsOf others: FormArguments) { self.arguments += others.arguments }

  /// - Returns: whether anything has changed.
  @discardableResult
  mutating func apply(_ operations: RenderedOperations) -> Bool {
    let before = self.arguments
    for name in operations.remove { self.remove(name) }
    for pair in operations.rename { if let name = pair.value { self.rename(pair.name, to: name) } }
    for pair in operations.replace where self.contains(pair.name) { self.set(pair.name, pair.value) }
    for pair in operations.add where !self.contains(pair.name) { self.set(pair.name, pair.value) }
    for pair in operations.append { if let value = pair.value { self.append(pair.name, value) } }
    return self.arguments != before
  }

  private mutating func remove(_ name: String) {
    let name = Array(name.utf8)
    self.arguments.removeAll { $0.name == name }
  }

  /// What had the new name is replaced.
  private mutating func rename(_ name: String, to newName: String) {
    guard !name.isSame(as: newName), self.contains(name) else { return }
    self.remove(newName)
    let name = Array(name.utf8)
    for index in self.arguments.indices where self.arguments[index].name == name {
      self.arguments[index].name = Array(newName.utf8)
    }
  }

  /// One argument of this name, where the first one was or at the end; none without a value.
  private mutating func set(_ name: String, _ value: String?) {
    guard let value else { return self.remove(name) }
    let argument = Argument(name: Array(name.utf8), value: Array(value.utf8))
    guard let place = self.arguments.firstIndex(where: { $0.name == argument.name }) else {
      return self.arguments.append(argument)
    }
    self.arguments[place] = argument
    let rest = self.arguments[(place + 1)...].filter { $0.name != argument.name }
    self.arguments.replaceSubrange((place + 1)..., with: rest)
  }

  /// An only argument without `=` gives way, as in Kong.
  private mutating func append(_ name: String, _ value: String) {
    let argument = Argument(name: Array(name.utf8), value: Array(value.utf8))
    let present = self.arguments.filter { $0.name == argument.name }
    if present == [Argument(name: argument.name, value: nil)] { self.remove(name) }
    self.arguments.append(argument)
  }

  // MARK: Text

  /// In their order.
  func encoded() -> [UInt8] {
    Array(self.arguments.map(Self.encoded).joined(separator: [UInt8(ascii: "&")]))
  }

  /// Those of one name together, names in the order of their bytes: Kong's `set_query`.
  func encodedInOrder() -> [UInt8] {
    var places: [[UInt8]: Int] = [:]
    var groups: [[UInt8]] = []
    for argument in self.arguments {
      if let place = places[argument.name] {
        groups[place] += [UInt8(ascii: "&")] + Self.encoded(argument)
      } else {
        places[argument.name] = groups.count
        groups.append(Self.encoded(argument))
      }
    }
    groups.sort { $0.lexicographicallyPrecedes($1) }
    return Array(groups.joined(separator: [UInt8(ascii: "&")]))
  }

  private static func encoded(_ argument: Argument) -> [UInt8] {
    var output: [UInt8] = []
    Self.escape(argument.name, into: &output)
    guard let value = argument.value else { return output }
    output.append(UInt8(ascii: "="))
    Self.escape(value, into: &output)
    return output
  }

  private static func escape(_ bytes: [UInt8], into output: inout [UInt8]) {
    for byte in bytes {
      if byte.isASCIILetter || byte.isASCIIDigit || "-._~!'()*".utf8.contains(byte) {
        output.append(byte)
      } else {
        output += byte.percentEscape
      }
    }
  }
}
