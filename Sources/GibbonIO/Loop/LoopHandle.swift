// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc
internal import Synchronization

/// What other threads hold of a loop: a way to hand it work.
///
/// As a `TaskExecutor` it runs `async` code on the loop's thread. Thread-safe; work is run in the order
/// it was handed over and is dropped once the loop has ended.
public final class LoopHandle: TaskExecutor {
  private enum Job {
    case call(@Sendable (EventLoop) -> Void)
    case task(UnownedJob)
  }

  private struct Inbox {
    var jobs: [Job] = []
    var isSignalled = false
    var isClosed = false
  }

  private let inbox = Mutex(Inbox())
  let wakeDescriptor: Int32

  init() throws {
    self.wakeDescriptor = gibbon_eventfd()
    guard self.wakeDescriptor >= 0 else { throw SystemError(negated: self.wakeDescriptor) }
  }

  deinit { _ = gibbon_close(self.wakeDescriptor) }

  /// Runs `body` on the loop. False when the loop has ended and will not.
  @discardableResult
  public func execute(_ body: @escaping @Sendable (EventLoop) -> Void) -> Bool { self.hand(over: .call(body)) }

  public func enqueue(_ job: consuming ExecutorJob) { _ = self.hand(over: .task(UnownedJob(job))) }

  private func hand(over job: Job) -> Bool {
    let (isAccepted, mustWake) = self.inbox.withLock { inbox in
      guard !inbox.isClosed else { return (false, false) }
      inbox.jobs.append(job)
      defer { inbox.isSignalled = true }
      return (true, !inbox.isSignalled)
    }
    if mustWake { self.wake() }
    return isAccepted
  }

  private func wake() {
    var one: UInt64 = 1
    // Safety: eight bytes of a local are written to the eventfd.
    _ = unsafe write(self.wakeDescriptor, &one, 8)
  }

  /// Called by the loop when the eventfd was readable.
  func runJobs(on loop: EventLoop) {
    var counter: UInt64 = 0
    // Safety: eight bytes of the eventfd are read into a local.
    _ = unsafe read(self.wakeDescriptor, &counter, 8)
    let jobs = self.inbox.withLock { inbox in
      inbox.isSignalled = false
      var jobs: [Job] = []
      swap(&jobs, &inbox.jobs)
      return jobs
    }
    for job in jobs {
      switch job {
      case .call(let body): body(loop)
      // Safety: the job came through `enqueue` and is run once, on the executor's own thread.
      case .task(let job): unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
      }
    }
  }

  /// The loop has ended: nothing is accepted any more.
  func close() { self.inbox.withLock { $0.isClosed = true } }
}
