// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Walks a comma-separated list (RFC 9110, section 5.6.1) without allocating: `Connection`, `TE`,
/// `Upgrade`, `X-Forwarded-For` and their like. White space around elements and empty elements are
/// skipped. Quoted strings are not understood: these fields have none.
///
/// Holds places only, never the bytes: pass the same bytes to every `next(in:)`.
@frozen
public struct FieldTokens: Sendable {
  @usableFromInline var position: Int
  @usableFromInline let end: Int

  /// The list in `value`, a place in the input that later calls get.
  @inlinable
  public init(_ value: ByteRange) {
    self.position = value.lowerBound
    self.end = value.upperBound
  }

  /// The list that is all of `count` bytes.
  @inlinable
  public init(count: Int) {
    self.position = 0
    self.end = count
  }

  /// The next element that is not empty, as a place in `input`; nil after the last.
  public mutating func next(in input: Span<UInt8>) -> ByteRange? {
    let end = min(self.end, input.count)
    while self.position < end {
      var start = self.position
      while start < end, input[start].isBlank { start &+= 1 }
      var comma = start
      while comma < end, input[comma] != UInt8(ascii: ",") { comma &+= 1 }
      self.position = comma &+ 1
      var last = comma
      while last > start, input[last &- 1].isBlank { last &-= 1 }
      if last > start { return ByteRange(offset: start, count: last &- start) }
    }
    return nil
  }
}
