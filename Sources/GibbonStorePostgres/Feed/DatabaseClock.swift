// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// The database's clock, by which entities, counters and locks end for all nodes at the same moment, whatever their
/// own clocks say.
final class DatabaseClock: Sendable {
  private let local: @Sendable () -> Double
  private let isFollowed: Bool
  private let offset = Mutex(0.0)

  /// Seconds of difference that are taken for none: so much is within what a measurement may be wrong by.
  private static let tolerance = 0.1

  /// - Parameter isFollowed: false: the local clock counts, as in tests.
  init(local: @escaping @Sendable () -> Double, isFollowed: Bool) {
    self.local = local
    self.isFollowed = isFollowed
  }

  /// Seconds that the database is ahead of this node.
  var difference: Double { self.offset.withLock { $0 } }

  /// Unix seconds.
  var now: Double { self.local() + self.difference }

  func measure(_ connection: Connection) throws {
    let before = self.local()
    let rows = try connection.query("SELECT extract(epoch FROM clock_timestamp())::float8", isPrepared: false)
    let after = self.local()
    guard self.isFollowed, let there = rows.real(0, 0) else { return }
    let difference = there - (before + after) / 2
    let isNone = abs(difference) < Self.tolerance + max(0, after - before) / 2
    self.offset.withLock { $0 = isNone ? 0 : difference }
  }
}
