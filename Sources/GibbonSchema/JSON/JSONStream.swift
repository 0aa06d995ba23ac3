// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Writes compact JSON piece by piece, without a tree of values: for records of every request. Whoever writes sees to
/// it that objects and arrays are closed and that members have names.
public struct JSONStream: ~Copyable {
  @usableFromInline var output = ByteBuffer()
  /// A value stands before this place, so that a comma is due.
  @usableFromInline var needsComma = false

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

  /// Members or values with their own punctuation, of which nothing needs escaping, written at once: each append of
  /// its own asks whether the memory is shared and large enough.
  ///
  /// - Parameters:
  ///   - bytes: more is not written.
  ///   - isOpen: it ends with `{`, `[` or `:`, after which no comma is due.
  @inlinable
  public mutating func piece(upTo bytes: Int, isOpen: Bool = false, _ write: (inout OutputSpan<UInt8>) -> Void) {
    let needsComma = self.needsComma
    self.output.append(upTo: bytes &+ 1) { output in
      if needsComma { output.append(",") }
      write(&output)
    }
    self.needsComma = !isOpen
  }

  /// The name of the next value. It has nothing to escape.
  @inlinable
  public mutating func key(_ name: StaticString) {
    self.piece(upTo: name.utf8CodeUnitCount &+ 3, isOpen: true) { output in
      output.append("\"")
      output.append(name)
      output.append("\":")
    }
  }

  /// The name of the next value, in lower case.
  public mutating func key(lowercasing name: borrowing Span<UInt8>) {
    self.separate()
    self.quote(name, lowercasing: true)
    self.output.append(":")
    self.needsComma = false
  }

  /// A member with a text, its name in lower case.
  public mutating func member(lowercasing name: borrowing Span<UInt8>, _ value: borrowing Span<UInt8>) {
    let (name, value) = (copy name, copy value)
    var isPlain = true
    let needsComma = self.needsComma
    self.output.append(upTo: name.count &+ value.count &+ 6) { output in
      let start = output.count
      output.append(needsComma ? ",\"" : "\"")
      isPlain = output.append(plain: name, lowercasing: true)
      output.append("\":\"")
      isPlain = output.append(plain: value) && isPlain
      output.append("\"")
      if !isPlain { output.removeLast(output.count &- start) }
    }
    self.needsComma = true
    guard !isPlain else { return }
    self.needsComma = needsComma
    self.key(lowercasing: name)
    self.text(value)
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

  public mutating func int(_ value: Int) { self.piece(upTo: 20) { $0.append(decimal: value) } }

  public mutating func id(_ value: EntityID) {
    self.piece(upTo: EntityID.textLength &+ 2) { output in
      output.append("\"")
      value.append(to: &output)
      output.append("\"")
    }
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
  ///
  /// - Parameter bytes: of the first part; more is not written.
  public mutating func text(
    _ value: borrowing Span<UInt8>, after bytes: Int, _ write: (inout OutputSpan<UInt8>) -> Void
  ) {
    self.piece(upTo: bytes &+ 1) { output in
      output.append("\"")
      write(&output)
    }
    self.content(value)
    self.output.append(UInt8(ascii: "\""))
  }

  public mutating func value(_ value: JSONValue) {
    self.separate()
    self.output.append(value.serialized())
  }

  // MARK: Texts

  private mutating func quote(_ text: borrowing Span<UInt8>, lowercasing: Bool) {
    let text = copy text
    // Nearly every text of a request is plain.
    var isPlain = true
    self.output.append(upTo: text.count &+ 2) { output in
      let start = output.count
      output.append("\"")
      isPlain = output.append(plain: text, lowercasing: lowercasing)
      output.append("\"")
      if !isPlain { output.removeLast(output.count &- start) }
    }
    guard !isPlain else { return }
    self.output.append(UInt8(ascii: "\""))
    self.content(text, lowercasing: lowercasing)
    self.output.append(UInt8(ascii: "\""))
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

extension OutputSpan<UInt8> {
  /// Appends bytes. False when there is one among them that JSON does not show as it is, or no room for them; what was
  /// appended is to be removed then.
  ///
  /// Looks at every byte, so that it can take several at once.
  fileprivate mutating func append(plain bytes: borrowing Span<UInt8>, lowercasing: Bool = false) -> Bool {
    let taken = bytes.count
    guard taken <= self.freeCapacity else { return false }
    var others: UInt8 = 0
    // Safety: both pointers are used inside the closures that lend them, and there is room.
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe self.withUnsafeMutableBufferPointer { room, count in
        // Not the variable itself: for all that is known, the bytes may lie in it.
        let start = count
        for index in 0..<taken {
          let byte = unsafe source[index]
          others |= byte &- 0x20 < 0x5F ? 0 : 1
          others |= byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
          unsafe room.initializeElement(at: start &+ index, to: lowercasing ? byte.asciiLowercased : byte)
        }
        count = start &+ taken
      }
    }
    return others == 0
  }
}
