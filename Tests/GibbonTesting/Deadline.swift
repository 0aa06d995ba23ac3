// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#endif

/// A point in monotonic time after which the harness gives up. Nothing in the harness waits without one.
public struct Deadline: Sendable {
  /// What a test waits for unless it says otherwise.
  public static let defaultSeconds: Double = 20

  private let instant: ContinuousClock.Instant

  /// A deadline `seconds` from now.
  public init(seconds: Double = Deadline.defaultSeconds) {
    self.instant = ContinuousClock.now.advanced(by: .milliseconds(Int(seconds * 1000)))
  }

  public var isOver: Bool { ContinuousClock.now >= self.instant }

  /// What is left, in whole milliseconds as `poll` takes them; 0 when the deadline is over.
  public var remainingMilliseconds: Int32 {
    let left = ContinuousClock.now.duration(to: self.instant)
    let (seconds, attoseconds) = left.components
    if seconds < 0 || attoseconds < 0 { return 0 }
    return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
  }

  /// Asks `condition` again and again until it holds. A condition that another thread or process brings about has
  /// nothing to wait on, so this looks every two milliseconds.
  ///
  /// - Throws: `.timedOut`, naming `what`.
  public static func wait(
    for what: @autoclosure () -> String, seconds: Double = Deadline.defaultSeconds, until condition: () throws -> Bool
  ) throws {
    let deadline = Deadline(seconds: seconds)
    while try !condition() {
      if deadline.isOver { throw HarnessError(.timedOut, "waited \(seconds) s for \(what())") }
      _ = poll(nil, 0, 2)
    }
  }
  /// The same where what is waited for is done by tasks, whose few threads this leaves alone meanwhile.
  public static func lookUntil(
    _ what: @autoclosure () -> String, seconds: Double = Deadline.defaultSeconds, _ condition: () throws -> Bool
  ) async throws {
    let deadline = Deadline(seconds: seconds)
    while try !condition() {
      if deadline.isOver { throw HarnessError(.timedOut, "waited \(seconds) s until \(what())") }
      await withCheckedContinuation { continuation in
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(2)) { continuation.resume() }
      }
    }
  }
}
