// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How often a peer may do something that costs us and gains nobody anything: `burst` at once, and `perSecond` in the
/// long run.
@frozen
public struct HTTP2Budget: Sendable, Equatable {
  public var burst: Int
  public var perSecond: Int

  @inlinable
  public init(burst: Int, perSecond: Int) {
    self.burst = burst
    self.perSecond = perSecond
  }
}
