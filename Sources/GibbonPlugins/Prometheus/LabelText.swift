// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Labels as they stand on the page, without the braces: `service="shop",route="books"`.
struct LabelText: Sendable {
  private(set) var bytes: [UInt8]

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  /// Escapes what would end the value.
  mutating func add(_ name: StaticString, _ value: String) {
    if !self.bytes.isEmpty { self.bytes.append(UInt8(ascii: ",")) }
    self.bytes.append(contentsOf: name.description.utf8)
    self.bytes.append(UInt8(ascii: "="))
    self.bytes.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "\""):
        self.bytes.append(UInt8(ascii: "\\"))
        self.bytes.append(byte)
      case UInt8(ascii: "\n"): self.bytes.append(contentsOf: #"\n"#.utf8)
      default: self.bytes.append(byte)
      }
    }
    self.bytes.append(UInt8(ascii: "\""))
  }

  func adding(_ name: StaticString, _ value: String) -> LabelText {
    var text = self
    text.add(name, value)
    return text
  }
}
