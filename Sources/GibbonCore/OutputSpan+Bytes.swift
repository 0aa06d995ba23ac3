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
        for index in 0..<taken { unsafe room.initializeElement(at: count &+ index, to: source[index]) }
        count &+= taken
      }
    }
  }

  /// Appends the bytes of a literal: those there is room for.
  @inlinable
  public mutating func append(_ literal: StaticString) {
    // Safety: a StaticString's UTF-8 is immortal and as long as it says.
    unsafe self.append(
      copying: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount).span)
  }

  /// Appends a decimal number: its 20 bytes at most, or nothing where there is no room for them.
  @inlinable
  public mutating func append(decimal value: Int) {
    guard self.freeCapacity >= 20 else { return }
    if value < 0 { self.append(UInt8(ascii: "-")) }
    let magnitude = value.magnitude
    var digits = 1
    var rest = magnitude / 10
    while rest > 0 {
      digits &+= 1
      rest /= 10
    }
    rest = magnitude
    // Safety: used inside the closure that lends it; 19 digits at most go where there is room for 19.
    unsafe self.withUnsafeMutableBufferPointer { room, count in
      var place = count &+ digits
      while place > count {
        place &-= 1
        unsafe room.initializeElement(at: place, to: 0x30 &+ UInt8(truncatingIfNeeded: rest % 10))
        rest /= 10
      }
      count &+= digits
    }
  }

  /// Appends a number in lower-case hexadecimal, at least `width` digits; nothing where there is no room for 16.
  @inlinable
  public mutating func append(hex value: UInt64, width: Int) {
    guard self.freeCapacity >= 16 else { return }
    let needed = (67 &- value.leadingZeroBitCount) / 4
    var shift = (min(max(needed, width, 1), 16) &- 1) &* 4
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0xF
      self.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
      shift &-= 4
    }
  }
}
