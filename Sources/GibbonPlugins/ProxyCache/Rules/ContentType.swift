// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A media type with its parameters, as a `Content-Type` or the configuration has it (RFC 2045 section 5.1).
struct ContentType: Sendable, Equatable {
  let type: String
  let subtype: String
  /// Names in lower case, values as they stand.
  let parameters: [String: String]

  /// nil for what is no media type. `*` alone is any.
  init?(_ text: String) {
    var reader = Reader(bytes: Array(text.utf8))
    if reader.bytes.first == UInt8(ascii: "*"), reader.bytes.count == 1 || reader.bytes[1] != UInt8(ascii: "/") {
      reader.offset = 1
      (self.type, self.subtype) = ("*", "*")
    } else {
      guard let type = reader.token(), reader.skip(UInt8(ascii: "/")), let subtype = reader.token() else { return nil }
      (self.type, self.subtype) = (type.lowercased(), subtype.lowercased())
    }
    var parameters: [String: String] = [:]
    while reader.offset < reader.bytes.count {
      reader.skipSpace()
      guard reader.skip(UInt8(ascii: ";")) else { return nil }
      reader.skipSpace()
      guard let name = reader.token(), reader.skip(UInt8(ascii: "=")), let value = reader.token() ?? reader.quoted()
      else { return nil }
      parameters[name.lowercased()] = value
    }
    self.parameters = parameters
  }

  /// Whether a response of that type is meant: `*` for any part, and exactly these parameters. One that cannot be read
  /// is of any type.
  func covers(_ other: ContentType?) -> Bool {
    (self.type == "*" || self.type == other?.type) && (self.subtype == "*" || self.subtype == other?.subtype)
      && self.parameters == other?.parameters ?? [:]
  }

  private struct Reader {
    let bytes: [UInt8]
    var offset = 0

    mutating func skip(_ byte: UInt8) -> Bool {
      guard self.offset < self.bytes.count, self.bytes[self.offset] == byte else { return false }
      self.offset += 1
      return true
    }

    mutating func skipSpace() { while self.skip(.space) || self.skip(.tab) {} }

    mutating func token() -> String? {
      let start = self.offset
      while self.offset < self.bytes.count, (0x21..<0x7F).contains(self.bytes[self.offset]),
        !"()<>@,;:\\\"/[]?={}".utf8.contains(self.bytes[self.offset])
      {
        self.offset += 1
      }
      return self.offset > start ? String(decoding: self.bytes[start..<self.offset], as: UTF8.self) : nil
    }

    /// What is between quotes, escapes included.
    mutating func quoted() -> String? {
      guard self.skip(UInt8(ascii: "\"")) else { return nil }
      let start = self.offset
      while self.offset < self.bytes.count, self.bytes[self.offset] != UInt8(ascii: "\"") {
        self.offset += self.bytes[self.offset] == UInt8(ascii: "\\") ? 2 : 1
      }
      guard self.offset < self.bytes.count else { return nil }
      let text = String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
      self.offset += 1
      return text
    }
  }
}
