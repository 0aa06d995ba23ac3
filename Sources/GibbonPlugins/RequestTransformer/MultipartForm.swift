// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The parts of a `multipart/form-data` body (RFC 7578) that have a name; others are dropped when it is written again.
struct MultipartForm: Sendable {
  struct Part: Sendable, Hashable {
    let name: [UInt8]
    /// Whole lines, without their ends.
    let headers: [[UInt8]]
    let value: [UInt8]
  }

  private(set) var parts: [Part] = []
  private let boundary: [UInt8]

  init(_ body: [UInt8], boundary: [UInt8]) {
    self.boundary = boundary
    var reader = MultipartReader(body, delimiter: Array("--".utf8) + boundary)
    while let section = reader.next() {
      guard let name = Self.name(in: section.headers) else { continue }
      self.parts.append(Part(name: name, headers: section.headers, value: section.value))
    }
  }

  // MARK: Changes

  /// Renames come before removals here, and nothing is appended, as in Kong.
  ///
  /// - Returns: whether anything has changed.
  mutating func apply(_ operations: RenderedOperations) throws -> Bool {
    let before = self.parts
    for pair in operations.rename { if let name = pair.value { try self.rename(pair.name, to: name) } }
    for name in operations.remove { self.remove(name) }
    for pair in operations.replace where self.first(pair.name) != nil {
      self.remove(pair.name)
      if let value = pair.value { try self.set(pair.name, Array(value.utf8)) }
    }
    for pair in operations.add where self.first(pair.name) == nil {
      if let value = pair.value { try self.set(pair.name, Array(value.utf8)) }
    }
    return self.parts != before
  }

  private func first(_ name: String) -> Part? {
    let name = Array(name.utf8)
    return self.parts.first { $0.name == name }
  }

  private mutating func remove(_ name: String) {
    let name = Array(name.utf8)
    self.parts.removeAll { $0.name == name }
  }

  /// The first part's value goes on under the new name, as a plain field.
  private mutating func rename(_ name: String, to newName: String) throws {
    guard name != newName, let part = self.first(name) else { return }
    try self.set(newName, part.value)
    self.remove(name)
  }

  /// In place of the first part of that name, or at the end.
  private mutating func set(_ name: String, _ value: [UInt8]) throws {
    guard !self.mayEnd(value) else { throw TransformFailure("a value holds the boundary of the multipart body") }
    let header = Array("Content-Disposition: form-data; name=\"".utf8) + Self.quoted(name) + [UInt8(ascii: "\"")]
    let part = Part(name: Array(name.utf8), headers: [header], value: value)
    if let place = self.parts.firstIndex(where: { $0.name == part.name }) {
      self.parts[place] = part
    } else {
      self.parts.append(part)
    }
  }

  /// As browsers write it.
  private static func quoted(_ name: String) -> [UInt8] {
    name.utf8.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "\""): Array("%22".utf8)
      case .carriageReturn: Array("%0D".utf8)
      case .lineFeed: Array("%0A".utf8)
      default: [byte]
      }
    }
  }

  /// Whether a value could be taken for the end of its part and the beginning of others.
  private func mayEnd(_ value: [UInt8]) -> Bool {
    let delimiter = Array("--".utf8) + self.boundary
    return value.indices.contains { value[$0] == delimiter.first && value[$0...].starts(with: delimiter) }
  }

  // MARK: Text

  /// Nothing when there is no part.
  func encoded() -> [UInt8] {
    guard !self.parts.isEmpty else { return [] }
    var output: [UInt8] = []
    for part in self.parts {
      output += "--".utf8 + self.boundary + "\r\n".utf8
      for header in part.headers { output += header + "\r\n".utf8 }
      output += "\r\n".utf8 + part.value + "\r\n".utf8
    }
    return output + "--".utf8 + self.boundary + "--\r\n".utf8
  }

  /// The boundary that a content type names.
  static func boundary(of type: String) -> [UInt8]? {
    let parameters = FieldParameters(Array(type.utf8)).parameters.filter { $0.name == Array("boundary".utf8) }
    guard parameters.count == 1, let value = parameters.first?.value, !value.isEmpty else { return nil }
    return value
  }

  /// Who says it twice, or in two ways, has no name.
  private static func name(in headers: [[UInt8]]) -> [UInt8]? {
    let dispositions = headers.filter { line in
      let name = line.prefix { $0 != UInt8(ascii: ":") }.filter { $0 != .space && $0 != .tab }
      return name.map(\.asciiLowercased) == Array("content-disposition".utf8)
    }
    guard dispositions.count == 1, let line = dispositions.first else { return nil }
    let names = FieldParameters(line).parameters.filter { $0.name == Array("name".utf8) }
    return names.count == 1 ? names.first?.value : nil
  }
}

/// The `; name=value` parameters of a field's value.
struct FieldParameters {
  struct Parameter {
    /// Lower case.
    let name: [UInt8]
    let value: [UInt8]
  }

  private(set) var parameters: [Parameter] = []

  init(_ bytes: [UInt8]) {
    var index = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.endIndex
    while index < bytes.endIndex {
      index += 1
      let nameStart = index
      while index < bytes.endIndex, bytes[index] != UInt8(ascii: "="), bytes[index] != UInt8(ascii: ";") { index += 1 }
      let name = bytes[nameStart..<index].filter { $0 != .space && $0 != .tab }.map(\.asciiLowercased)
      guard index < bytes.endIndex, bytes[index] == UInt8(ascii: "=") else { continue }
      index += 1
      self.parameters.append(Parameter(name: name, value: Self.value(bytes, &index)))
    }
  }

  /// A token, or a text in quotes; ends at the next `;`.
  private static func value(_ bytes: [UInt8], _ index: inout Int) -> [UInt8] {
    while index < bytes.endIndex, bytes[index] == .space || bytes[index] == .tab { index += 1 }
    var value: [UInt8] = []
    if index < bytes.endIndex, bytes[index] == UInt8(ascii: "\"") {
      index += 1
      while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
        if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex { index += 1 }
        value.append(bytes[index])
        index += 1
      }
      while index < bytes.endIndex, bytes[index] != UInt8(ascii: ";") { index += 1 }
      return value
    }
    while index < bytes.endIndex, bytes[index] != UInt8(ascii: ";") {
      value.append(bytes[index])
      index += 1
    }
    while let last = value.last, last == .space || last == .tab { value.removeLast() }
    return value
  }
}
