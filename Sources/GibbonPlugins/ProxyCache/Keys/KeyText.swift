// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Text with separators that its parts cannot forge: where one of them is part of a name or value it is escaped.
struct KeyText {
  private(set) var bytes: [UInt8] = []
  private static let escape: UInt8 = 1

  /// What separates, by the place that it separates at.
  enum Separators {
    static let parts = Array("|".utf8)
    static let names = Array("|:,=".utf8)
    static let values = Array("|:,".utf8)
  }

  mutating func append(raw text: String) { self.bytes += text.utf8 }

  mutating func append(_ part: [UInt8], escaping separators: [UInt8]) {
    for byte in part {
      if byte == Self.escape || separators.contains(byte) {
        self.bytes += [Self.escape, (byte >> 4).upperHexDigit, (byte & 15).upperHexDigit]
      } else {
        self.bytes.append(byte)
      }
    }
  }

  /// `|tag=value`, for what most requests do not have. Tags begin with `~`, which nothing else does here.
  mutating func append(section tag: String, _ value: [UInt8]) {
    self.append(raw: "|~\(tag)=")
    self.append(value, escaping: Separators.parts)
  }

  /// `name=value`, `name=value,value` or `name`, joined by colons. Values keep their order: services may take the first
  /// or the last.
  mutating func append(_ arguments: [(name: [UInt8], values: [[UInt8]?])]) {
    for (place, argument) in arguments.enumerated() {
      if place > 0 { self.append(raw: ":") }
      self.append(argument.name, escaping: Separators.names)
      if argument.values.count == 1, argument.values[0] == nil { continue }
      self.append(raw: "=")
      for (place, value) in argument.values.enumerated() {
        if place > 0 { self.append(raw: ",") }
        // An argument without a value among others: the escape byte alone. Kong fails on them.
        if let value { self.append(value, escaping: Separators.values) } else { self.bytes.append(Self.escape) }
      }
    }
  }
}
