// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A run of bytes inside some buffer: the offset of its first byte and its length.
///
/// Heads are kept as one buffer and many of these; 32 bits suffice because every head meets a limit
/// far below 4 GiB.
@frozen
public struct ByteRange: Sendable, Hashable {
  public var offset: UInt32
  public var count: UInt32

  @inlinable
  public init(offset: Int, count: Int) {
    self.offset = UInt32(truncatingIfNeeded: offset)
    self.count = UInt32(truncatingIfNeeded: count)
  }

  @inlinable
  public init(_ bounds: Range<Int>) {
    self.init(offset: bounds.lowerBound, count: bounds.count)
  }

  /// The run of no bytes at offset zero; stands for "absent" where the field's text says so.
  public static let empty = ByteRange(offset: 0, count: 0)

  @inlinable public var isEmpty: Bool { self.count == 0 }
  @inlinable public var lowerBound: Int { Int(self.offset) }
  @inlinable public var upperBound: Int { Int(self.offset) + Int(self.count) }
  @inlinable public var bounds: Range<Int> { self.lowerBound..<self.upperBound }
}
