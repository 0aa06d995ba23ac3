// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension OutputSpan<UInt8> {
  /// Appends bytes: those there is room for.
  @inlinable
  public mutating func append(copying bytes: borrowing Span<UInt8>) {
    let taken = min(bytes.count, self.freeCapacity)
    guard taken > 0 else { return }
    // Safety: both pointers are used inside the closures that lend them, and not beyond what either has.
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe self.withUnsafeMutableBufferPointer { room, count in
        let start = count
        for index in 0..<taken { unsafe room.initializeElement(at: start &+ index, to: source[index]) }
        count = start &+ taken
      }
    }
  }

  /// Appends the bytes of a literal, or nothing where there is no room for them.
  @inlinable @inline(__always)
  public mutating func append(_ literal: StaticString) {
    let taken = literal.utf8CodeUnitCount
    guard taken <= self.freeCapacity else { return }
    // Safety: a StaticString's UTF-8 is immortal and as long as it says, and there is room for it.
    unsafe self.withUnsafeMutableBufferPointer { room, count in
      let source = unsafe UnsafeBufferPointer(start: literal.utf8Start, count: taken)
      let start = count
      for index in 0..<taken { unsafe room.initializeElement(at: start &+ index, to: source[index]) }
      count = start &+ taken
    }
  }

  /// Appends a decimal number, or nothing where there is no room for its digits.
  @inlinable
  public mutating func append(decimal value: Int) {
    let magnitude = value.magnitude
    var digits = 1
    var power: UInt = 10
    while digits < 20, magnitude >= power {
      digits &+= 1
      power &*= 10
    }
    guard digits < self.freeCapacity || (value >= 0 && digits == self.freeCapacity) else { return }
    if value < 0 { self.append(UInt8(ascii: "-")) }
    // Safety: used inside the closure that lends it; the digits go where there is room for them.
    unsafe self.withUnsafeMutableBufferPointer { room, count in
      var rest = magnitude
      let start = count
      var place = start &+ digits
      // Two digits for one division of what is left.
      while place &- start >= 2 {
        let pair = UInt8(truncatingIfNeeded: rest % 100)
        rest /= 100
        place &-= 2
        unsafe room.initializeElement(at: place &+ 1, to: 0x30 &+ pair % 10)
        unsafe room.initializeElement(at: place, to: 0x30 &+ pair / 10)
      }
      if place > start { unsafe room.initializeElement(at: start, to: 0x30 &+ UInt8(truncatingIfNeeded: rest)) }
      count = start &+ digits
    }
  }

  /// Appends a number in lower-case hexadecimal, at least `width` digits, or nothing where there is no room for them.
  @inlinable
  public mutating func append(hex value: UInt64, width: Int) {
    let needed = (67 &- value.leadingZeroBitCount) / 4
    let digits = min(max(needed, width, 1), 16)
    guard digits <= self.freeCapacity else { return }
    // Safety: used inside the closure that lends it; the digits go where there is room for them.
    unsafe self.withUnsafeMutableBufferPointer { room, count in
      var rest = value
      let start = count
      var place = start &+ digits
      while place > start {
        place &-= 1
        let digit = UInt8(truncatingIfNeeded: rest) & 0xF
        unsafe room.initializeElement(at: place, to: digit &+ (digit < 10 ? 0x30 : 0x57))
        rest >>= 4
      }
      count = start &+ digits
    }
  }
}
