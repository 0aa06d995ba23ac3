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
}
