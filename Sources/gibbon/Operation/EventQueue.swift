// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import GibbonIO
internal import Synchronization

/// What happened, from any thread to the one that decides. Signals of one kind that nobody has looked at yet are one.
final class EventQueue: Sendable {
  private let waiting = Mutex<[Lifecycle.Event]>([])
  private let semaphore = DispatchSemaphore(value: 0)

  func add(_ event: Lifecycle.Event) {
    let isNew = self.waiting.withLock { waiting in
      guard !waiting.contains(event) else { return false }
      waiting.append(event)
      return true
    }
    if isNew { self.semaphore.signal() }
  }

  /// Waits for the next event, which is `.time` when a deadline comes first.
  func next(until deadline: Lifecycle.Instant?) -> Lifecycle.Event {
    if let deadline {
      let left = max(.zero, ContinuousClock.now.duration(to: deadline))
      let time = DispatchTime.now() + .milliseconds(left.milliseconds + 1)
      if self.semaphore.wait(timeout: time) == .timedOut { return .time }
    } else {
      self.semaphore.wait()
    }
    return self.waiting.withLock { $0.isEmpty ? .time : $0.removeFirst() }
  }
}
