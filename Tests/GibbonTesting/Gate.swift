// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch

/// Lets one thread hold another: an origin waits at the gate until the test opens it, or the other way round.
public final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  public init() {}

  /// Lets one waiter through, now or when it comes.
  public func open() {
    self.semaphore.signal()
  }

  /// - Throws: `.timedOut` when nobody opens the gate in time.
  public func wait(seconds: Double = Deadline.defaultSeconds) throws {
    if self.semaphore.wait(timeout: .now() + seconds) == .timedOut {
      throw HarnessError(.timedOut, "nobody opened the gate within \(seconds) s")
    }
  }
}
