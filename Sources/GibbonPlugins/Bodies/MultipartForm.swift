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

  /// A value that would end its part before its end.
  struct BoundaryInValue: Error, CustomStringConvertible {
    var description: String { "a value holds the boundary of the multipart body" }
  }

  private(set) var parts: [Part] = []
  /// Whether the delimiter was there at all; without it there are no parts to be seen.
  let isDelimited: Bool
  private let boundary: [UInt8]

  init(_ body: [UInt8], boundary: [UInt8]) {
    self.boundary = boundary
    var reader = MultipartReader(body, delimiter: Array("--".utf8) + boundary)
    self.isDelimited = reader.isDelimited
    while let section = reader.next() {
      guard let name = Self.name(in: section.headers) else { continue }
      self.parts.append(Part(name: name, headers: section.headers, value: section.value))
    }
  }

  // MARK: Changes

  func first(_ name: String) -> Part? {
    let name = Array(name.utf8)
    return self.parts.first { $0.name == name }
  }

  mutating func remove(_ name: String) {
    let name = Array(name.utf8)
    self.parts.removeAll { $0.name == name }
  }

  /// The first part's value goes on under the new name, as a plain field.
  mutating func rename(_ name: String, to newName: String) throws(BoundaryInValue) {
    guard !name.isSame(as: newName), let part = self.first(name) else { return }
    try self.set(newName, part.value)
    self.remove(name)
  }

  /// In place of the first part of that name, or at the end.
  mutating func set(_ name: String, _ value: [UInt8]) throws(BoundaryInValue) {
    guard !self.mayEnd(value) else { throw BoundaryInValue() }
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

  /// Of a boundary (RFC 2046 section 5.1.1).
  static let boundaryLimit = 70

  /// The boundary that a content type names.
  static func boundary(of type: [UInt8]) -> [UInt8]? {
    let parameters = FieldParameters(type).parameters.filter { $0.name == Array("boundary".utf8) }
    guard parameters.count == 1, let value = parameters.first?.value,
      1...Self.boundaryLimit ~= value.count
    else { return nil }
    return value
  }

  /// Who says it twice, or in two ways (`name*` of RFC 8187 is one), has no name.
  private static func name(in headers: [[UInt8]]) -> [UInt8]? {
    let dispositions = headers.filter { line in
      let name = line.prefix { $0 != UInt8(ascii: ":") }.filter { $0 != .space && $0 != .tab }
      return name.map(\.asciiLowercased) == Array("content-disposition".utf8)
    }
    guard dispositions.count == 1, let line = dispositions.first else { return nil }
    let names = FieldParameters(line).parameters.filter {
      $0.name == Array("name".utf8) || $0.name.starts(with: "name*".utf8)
    }
    guard names.count == 1, let only = names.first, only.name.count == 4 else { return nil }
    return only.value
  }
}
