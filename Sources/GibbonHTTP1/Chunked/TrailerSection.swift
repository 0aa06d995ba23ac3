// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// The trailer fields of a chunked body, in their own bytes. Names that a trailer section may not have
/// are left out of `fields` (`KnownField.isForbiddenInTrailers`).
@frozen
public struct TrailerSection: Sendable {
  public internal(set) var bytes = ByteBuffer()
  public internal(set) var fields: [HeaderField] = []

  public init() {}

  @inlinable public var isEmpty: Bool { self.fields.isEmpty }

  /// The bytes of a field's name or value.
  @inlinable
  public subscript(range: ByteRange) -> Span<UInt8> {
    @_lifetime(borrow self)
    get { self.bytes[range] }
  }

  mutating func reset() {
    self.bytes.clear()
    self.fields.removeAll(keepingCapacity: true)
  }
}
