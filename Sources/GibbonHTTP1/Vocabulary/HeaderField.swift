// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// One field line of a head: where its name and its value stand in the input, in the order and the
/// case they came.
@frozen
public struct HeaderField: Sendable, Hashable {
  public var name: ByteRange
  /// Without the optional white space around it; may be empty.
  public var value: ByteRange
  public var known: KnownField

  @inlinable
  public init(name: ByteRange, value: ByteRange, known: KnownField) {
    self.name = name
    self.value = value
    self.known = known
  }
}
