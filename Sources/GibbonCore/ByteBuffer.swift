// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Owned, growable bytes with a read position: `[ consumed | readable | spare capacity ]`.
///
/// A value type with the sharing rules of `Array`. Whoever appends checks its own limit first; the
/// buffer has none.
@frozen
public struct ByteBuffer: Sendable {
  @usableFromInline var storage: [UInt8]
  @usableFromInline var consumed: Int

  @inlinable
  public init() {
    self.storage = []
    self.consumed = 0
  }

  @inlinable
  public init(_ text: String) {
    self.storage = Array(text.utf8)
    self.consumed = 0
  }

  @inlinable
  public init(_ bytes: [UInt8]) {
    self.storage = bytes
    self.consumed = 0
  }

  /// Readable bytes.
  @inlinable public var count: Int { self.storage.count &- self.consumed }
  @inlinable public var isEmpty: Bool { self.storage.count == self.consumed }
  @inlinable public var capacity: Int { self.storage.capacity }

  /// The readable bytes.
  @inlinable
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { self.storage.span.extracting(self.consumed..<self.storage.count) }
  }

  @inlinable
  public subscript(range: ByteRange) -> Span<UInt8> {
    @_lifetime(borrow self)
    get {
      self.storage.span.extracting(self.consumed &+ range.lowerBound..<self.consumed &+ range.upperBound)
    }
  }

  /// The text of a run of readable bytes; invalid UTF-8 is replaced.
  public func string(_ range: ByteRange) -> String { self[range].text }

  public var string: String { self.span.text }

  /// Forgets everything and keeps the memory.
  @inlinable
  public mutating func clear() {
    self.storage.removeAll(keepingCapacity: true)
    self.consumed = 0
  }

  /// The readable bytes as an array, without a copy where none were consumed. Empties the buffer.
  public mutating func takeBytes() -> [UInt8] {
    self.compact()
    var bytes: [UInt8] = []
    swap(&bytes, &self.storage)
    return bytes
  }

  @inlinable
  public mutating func reserve(_ capacity: Int) {
    self.storage.reserveCapacity(capacity)
  }

  /// Marks the first `count` readable bytes as consumed.
  @inlinable
  public mutating func consume(_ count: Int) {
    self.consumed = min(self.consumed &+ max(0, count), self.storage.count)
    if self.consumed == self.storage.count { self.clear() }
  }

  /// Forgets the readable bytes after the first `count`.
  public mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    self.storage.removeLast(self.count &- max(0, count))
    if self.isEmpty { self.clear() }
  }

  /// Moves the readable bytes to the front, so that offsets from the start are offsets into `span`.
  public mutating func compact() {
    guard self.consumed > 0 else { return }
    self.storage.removeSubrange(0..<self.consumed)
    self.consumed = 0
  }

  @inlinable
  public mutating func append(_ byte: UInt8) {
    self.storage.append(byte)
  }

  @inlinable
  public mutating func append(_ bytes: borrowing Span<UInt8>) {
    // Safety: the pointer is used inside the closure that lends it.
    unsafe bytes.withUnsafeBufferPointer { unsafe self.storage.append(contentsOf: $0) }
  }

  @inlinable
  public mutating func append(_ bytes: [UInt8]) {
    self.storage.append(contentsOf: bytes)
  }

  @inlinable
  public mutating func append(_ literal: StaticString) {
    // Safety: a StaticString's UTF-8 is immortal and as long as it says.
    unsafe self.storage.append(
      contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Appends what the closure writes, up to `capacity` bytes: for many small pieces, since each append on its own
  /// asks whether the memory is shared and large enough.
  @inlinable
  public mutating func append(upTo capacity: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
    self.storage.append(addingCapacity: capacity) { write(&$0) }
  }

  /// Labelled, so that a literal is never taken for a `String`.
  @inlinable
  public mutating func append(text: String) {
    self.storage.append(contentsOf: text.utf8)
  }

  /// Appends a decimal number.
  public mutating func append(decimal value: Int) { self.append(upTo: 20) { $0.append(decimal: value) } }

  /// Appends a number in lower-case hexadecimal, at least `width` digits (16 at most).
  public mutating func append(hex value: UInt64, width: Int = 1) {
    self.append(upTo: 16) { $0.append(hex: value, width: width) }
  }
}
