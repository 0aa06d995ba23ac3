// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import Synchronization

/// How many replicas a read waits for.
enum ReadLevel: Sendable {
  /// That on which checks rely.
  case quorum
  /// What each node has for itself.
  case nodesOwn
  /// As it is configured: of one replica, most often, which is there while others are away.
  case configured
  /// A quorum, and where there is none, as it is configured. A replica that crashes forgets what it acknowledged in its
  /// last moments (up to `commitlog_sync_period_in_ms`), and reads of one find nothing there until it is repaired.
  case best
  /// A quorum, and where there is none, one replica: what a node needs to start, and to follow the log.
  case available
}

/// Whether a quorum may answer, so that not every read waits in vain for one that is away.
final class QuorumWatch: Sendable {
  private let away = Mutex<ContinuousClock.Instant?>(nil)

  /// Between two reads of the log that find out. The log is looked at all the time, so that requests need not.
  private static let pause = Duration.seconds(1)
  /// After which a request finds out itself: nobody looks at the log.
  private static let patience = Duration.seconds(15)

  var isAway: Bool { self.away.withLock { $0 != nil } }
  /// For reads that a request waits for.
  var mayAnswer: Bool { self.hasPassed(Self.patience) }
  /// For reads that nobody waits for.
  var isWorthAsking: Bool { self.hasPassed(Self.pause) }

  private func hasPassed(_ time: Duration) -> Bool {
    self.away.withLock { $0.map { ContinuousClock.now - $0 >= time } ?? true }
  }

  func note(hasAnswered: Bool) { self.away.withLock { $0 = hasAnswered ? nil : .now } }
}
