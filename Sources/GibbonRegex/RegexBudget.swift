// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The work that the searches of one request, or of one plugin's call, may do together.
///
/// A step is about what one byte costs one state of a pattern. Steps are counted, never timed, so that the same request
/// has the same outcome on every machine.
@frozen
public struct RegexBudget: Sendable, Equatable {
  /// Some milliseconds of one core. A thousand ordinary searches of a path take a fiftieth of it.
  public static let standard = 1_000_000

  /// What there is left; not below zero.
  public var steps: Int { self.left }

  @usableFromInline var left: Int

  public init(steps: Int = Self.standard) {
    self.left = max(0, steps)
  }

  @inlinable public var isSpent: Bool { self.left == 0 }

  /// Takes steps away.
  /// - Returns: whether they were there.
  @discardableResult
  @inlinable
  public mutating func spend(_ count: Int) -> Bool {
    guard self.left > count else {
      self.left = 0
      return false
    }
    self.left &-= count
    return true
  }
}
