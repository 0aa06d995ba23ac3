// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Writes compact JSON piece by piece, without a tree of values: for records of every request. Whoever writes sees to
/// it that objects and arrays are closed and that members have names.
public struct JSONStream: ~Copyable {
  private var output = ByteBuffer()
  /// A value stands before this place, so that a comma is due.
  private var needsComma = false

  /// - Parameter capacity: bytes to begin with.
  public init(capacity: Int) { self.output.reserve(capacity) }

  /// What was written.
  public consuming func finish() -> [UInt8] { self.output.takeBytes() }

  // MARK: Structure

  public mutating func beginObject() { self.begin(UInt8(ascii: "{")) }
  public mutating func endObject() { self.end(UInt8(ascii: "}")) }
  public mutating func beginArray() { self.begin(UInt8(ascii: "[")) }
  public mutating func endArray() { self.end(UInt8(ascii: "]")) }

  private mutating func begin(_ bracket: UInt8) {
    self.separate()
    self.output.append(bracket)
    self.needsComma = false
  }

  private mutating func end(_ bracket: UInt8) {
    self.output.append(bracket)
    self.needsComma = true
  }

  @inline(__always)
  private mutating func separate() {
    if self.needsComma { self.output.append(UInt8(ascii: ",")) }
    self.needsComma = true
  }

  /// The name of the next value. It has nothing to escape.
  public mutating func key(_ name: StaticString) {
    let needsComma = self.needsComma
    self.output.append(upTo: name.utf8CodeUnitCount &+ 4) { output in
      if needsComma { output.append(UInt8(ascii: ",")) }
      output.append(UInt8(ascii: "\""))
      output.append(name)
      output.append(UInt8(ascii: "\""))
      output.append(UInt8(ascii: ":"))
    }
    self.needsComma = false
  }

  /// The name of the next value, in lower case.
  public mutating func key(lowercasing name: borrowing Span<UInt8>) {
    self.separate()
    self.quote(name, lowercasing: true)
    self.output.append(UInt8(ascii: ":"))
    self.needsComma = false
  }

  // MARK: Values

  public mutating func null() {
    self.separate()
    self.output.append("null")
  }

  public mutating func bool(_ value: Bool) {
    self.separate()
    self.output.append(value ? "true" : "false")
  }

  public mutating func emptyObject() {
    self.separate()
    self.output.append("{}")
  }

  public mutating func int(_ value: Int) {
    self.separate()
    self.output.append(decimal: value)
  }

  public mutating func id(_ value: EntityID) {
    self.separate()
    self.output.append(UInt8(ascii: "\""))
    value.append(to: &self.output)
    self.output.append(UInt8(ascii: "\""))
  }

  public mutating func text(_ value: String) {
    self.separate()
    self.quote(value.utf8.span, lowercasing: false)
  }

  /// What is not UTF-8 is repaired with U+FFFD.
  public mutating func text(_ value: borrowing Span<UInt8>) {
    self.separate()
    self.quote(value, lowercasing: false)
  }

  /// A value that is JSON already.
  public mutating func raw(_ json: [UInt8]) {
    self.separate()
    self.output.append(json)
  }

  /// A text of a part that has nothing to escape, and one that may have.
  public mutating func text(_ value: borrowing Span<UInt8>, after write: (inout ByteBuffer) -> Void) {
    self.separate()
    self.output.append(UInt8(ascii: "\""))
    write(&self.output)
    self.content(value)
    self.output.append(UInt8(ascii: "\""))
  }

  /// A text of parts that have nothing to escape.
  public mutating func plainText(_ write: (inout ByteBuffer) -> Void) {
    self.separate()
    self.output.append(UInt8(ascii: "\""))
    write(&self.output)
    self.output.append(UInt8(ascii: "\""))
  }

  public mutating func value(_ value: JSONValue) {
    self.separate()
    self.output.append(value.serialized())
  }

  // MARK: Texts

  private mutating func quote(_ text: borrowing Span<UInt8>, lowercasing: Bool) {
    guard !Self.isPlain(text) else { return self.quote(plain: text, lowercasing: lowercasing) }
    self.output.append(UInt8(ascii: "\""))
    self.content(text, lowercasing: lowercasing)
    self.output.append(UInt8(ascii: "\""))
  }

  /// Nearly every text of a request: nothing to escape or repair.
  private mutating func quote(plain text: borrowing Span<UInt8>, lowercasing: Bool) {
    let text = copy text
    self.output.append(upTo: text.count &+ 2) { output in
      output.append(UInt8(ascii: "\""))
      if lowercasing {
        for index in text.indices { output.append(text[index].asciiLowercased) }
      } else {
        output.append(copying: text)
      }
      output.append(UInt8(ascii: "\""))
    }
  }

  private mutating func content(_ text: borrowing Span<UInt8>, lowercasing: Bool = false) {
    if Self.isASCII(text) {
      self.escape(text, lowercasing: lowercasing)
    } else {
      // Repairs what is not UTF-8; a scalar may have another length in lower case.
      let repaired = lowercasing ? text.text.lowercased() : text.text
      self.escape(repaired.utf8.span, lowercasing: false)
    }
  }

  private static func isASCII(_ text: borrowing Span<UInt8>) -> Bool {
    var all: UInt8 = 0
    for index in text.indices { all |= text[index] }
    return all < 0x80
  }

  /// Whether it is printable ASCII without quotes and backslashes. Looks at every byte, so that it can look at several
  /// at once.
  private static func isPlain(_ text: borrowing Span<UInt8>) -> Bool {
    var others: UInt8 = 0
    for index in text.indices {
      let byte = text[index]
      others |= byte &- 0x20 < 0x5F ? 0 : 1
      others |= byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
    }
    return others == 0
  }

  /// Runs without anything to escape are copied whole.
  private mutating func escape(_ text: borrowing Span<UInt8>, lowercasing: Bool) {
    var start = 0
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0x7F {
        guard lowercasing, byte.asciiLowercased != byte else { continue }
        self.output.append(text.extracting(start..<index))
        self.output.append(byte.asciiLowercased)
      } else {
        self.output.append(text.extracting(start..<index))
        self.append(escaped: byte)
      }
      start = index + 1
    }
    self.output.append(text.extracting(start..<text.count))
  }

  private mutating func append(escaped byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): self.output.append("\\\"")
    case UInt8(ascii: "\\"): self.output.append("\\\\")
    case .lineFeed: self.output.append("\\n")
    case .carriageReturn: self.output.append("\\r")
    case .tab: self.output.append("\\t")
    case 0x08: self.output.append("\\b")
    case 0x0C: self.output.append("\\f")
    default:
      self.output.append("\\u00")
      self.output.append(hex: UInt64(byte), width: 2)
    }
  }
}
