// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Byte questions that every parser asks. All are branch-light and never trap.
extension UInt8 {
  @inlinable public static var tab: UInt8 { 0x09 }
  @inlinable public static var lineFeed: UInt8 { 0x0A }
  @inlinable public static var carriageReturn: UInt8 { 0x0D }
  @inlinable public static var space: UInt8 { 0x20 }

  @inlinable public init(ascii scalar: Unicode.Scalar) {
    self = UInt8(truncatingIfNeeded: scalar.value)
  }

  /// `A`–`Z` become `a`–`z`; every other byte is unchanged.
  @inlinable public var asciiLowercased: UInt8 {
    (self &- 0x41) < 26 ? self | 0x20 : self
  }

  @inlinable public var isASCIIDigit: Bool { (self &- 0x30) < 10 }

  @inlinable public var isASCIILetter: Bool { ((self | 0x20) &- 0x61) < 26 }

  /// The value of a hexadecimal digit, or nil.
  @inlinable public var hexDigitValue: UInt8? {
    if self.isASCIIDigit { return self &- 0x30 }
    let lower = self | 0x20
    return (lower &- 0x61) < 6 ? lower &- 0x61 &+ 10 : nil
  }
}

extension Span<UInt8> {
  /// Whether these bytes are exactly the literal's.
  @inlinable
  public func equals(_ literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard self.count == count else { return false }
    // Safety: a StaticString's UTF-8 is immortal and `count` bytes long.
    let expected = unsafe UnsafeBufferPointer(start: literal.utf8Start, count: count)
    for index in 0..<count where unsafe self[index] != expected[index] { return false }
    return true
  }

  /// Whether these bytes are the literal's, letters compared without case. The literal is lower case.
  @inlinable
  public func equalsIgnoringCase(_ lowercased: StaticString) -> Bool {
    let count = lowercased.utf8CodeUnitCount
    guard self.count == count else { return false }
    // Safety: a StaticString's UTF-8 is immortal and `count` bytes long.
    let expected = unsafe UnsafeBufferPointer(start: lowercased.utf8Start, count: count)
    for index in 0..<count where unsafe self[index].asciiLowercased != expected[index] { return false }
    return true
  }

  @inlinable
  public func equals(_ other: borrowing Span<UInt8>) -> Bool {
    guard self.count == other.count else { return false }
    for index in self.indices where self[index] != other[index] { return false }
    return true
  }

  @inlinable
  public func equalsIgnoringCase(_ other: borrowing Span<UInt8>) -> Bool {
    guard self.count == other.count else { return false }
    for index in self.indices where self[index].asciiLowercased != other[index].asciiLowercased { return false }
    return true
  }

  /// The text of these bytes; invalid UTF-8 is replaced by U+FFFD.
  public var text: String {
    // Safety: the pointer is used inside the closure that lends it.
    unsafe self.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// A copy of these bytes.
  public var array: [UInt8] {
    // Safety: the pointer is used inside the closure that lends it.
    unsafe self.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
