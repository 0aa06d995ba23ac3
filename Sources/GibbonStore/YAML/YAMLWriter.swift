// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// Writes a value as YAML in block style. What it writes is read back as the same value.
struct YAMLWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: JSONValue) {
    self.write(value, indent: 0, isAfterDash: true)
    if self.bytes.last != .lineFeed { self.bytes.append(.lineFeed) }
  }

  /// - Parameter isAfterDash: whether the first line begins where the writer stands.
  private mutating func write(_ value: JSONValue, indent: Int, isAfterDash: Bool) {
    switch value {
    case .object(let object) where !object.isEmpty:
      for (index, member) in object.enumerated() {
        if index > 0 || !isAfterDash { self.newLine(indent) }
        self.append(Self.scalar(.string(member.key)))
        self.bytes.append(UInt8(ascii: ":"))
        self.writeMember(member.value, indent: indent)
      }
    case .array(let values) where !values.isEmpty:
      for (index, value) in values.enumerated() {
        if index > 0 || !isAfterDash { self.newLine(indent) }
        self.append("- ")
        self.write(value, indent: indent + 2, isAfterDash: true)
      }
    default:
      self.append(Self.scalar(value))
    }
  }

  private mutating func writeMember(_ value: JSONValue, indent: Int) {
    if case .array(let values) = value, !values.isEmpty {
      self.write(value, indent: indent, isAfterDash: false)
    } else if case .object(let object) = value, !object.isEmpty {
      self.write(value, indent: indent + 2, isAfterDash: false)
    } else {
      self.bytes.append(.space)
      self.append(Self.scalar(value))
    }
  }

  private mutating func newLine(_ indent: Int) {
    self.bytes.append(.lineFeed)
    self.bytes.append(contentsOf: repeatElement(.space, count: indent))
  }

  private mutating func append(_ text: String) {
    self.bytes.append(contentsOf: text.utf8)
  }

  /// Texts are plain where no reader could take them for anything else, and quoted as in JSON elsewhere.
  private static func scalar(_ value: JSONValue) -> String {
    guard case .string(let text) = value, Self.isPlain(text) else { return value.description }
    return text
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, first.isASCIILetter || first == UInt8(ascii: "/") || first == UInt8(ascii: "_"),
      text.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "/_-.".utf8.contains($0) })
    else { return false }
    // `y` and `n` are words to some readers, though not to ours.
    return !["y", "n", "Y", "N"].contains(text) && YAMLScalar.value(of: text) == .string(text)
  }
}
