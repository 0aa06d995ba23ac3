// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import Synchronization

/// A thread that runs one event loop.
public final class LoopThread: Sendable {
  public let handle: LoopHandle
  private let thread: SystemThread

  /// Starts the thread; `setUp` runs on it first and makes whatever lives on the loop. What it returns
  /// is kept until the loop has ended.
  public init(name: String, setUp: @escaping @Sendable (EventLoop) -> AnyObject) throws {
    let handle = try LoopHandle()
    self.handle = handle
    // Made here to report a failure to the caller, handed to its thread and used only there.
    let loop = OneOwner(try EventLoop(handle: handle))
    // Given away: what it holds on to is not kept for as long as the thread lives.
    let setUp = OneOwner(setUp)
    self.thread = try SystemThread(name: name) {
      guard let loop = loop.take() else { return }
      loop.owner = setUp.take()?(loop)
      loop.run()
      handle.close()
      // Whoever handed work over before the end may be waiting for it.
      handle.runJobs(on: loop)
      loop.owner = nil
      loop.closeChannels()
    }
  }

  /// Runs `body` on the loop, with what `setUp` made, and waits for its result; nil once the loop has ended.
  /// Not to be called from a loop.
  @discardableResult
  public func call<R: Sendable>(_ body: @escaping @Sendable (EventLoop, AnyObject?) -> R) -> R? {
    let result = CallResult<R>()
    let isAccepted = self.handle.execute { result.set(body($0, $0.owner)) }
    return isAccepted ? result.wait() : nil
  }

  /// Asks the loop to end after its current batch.
  public func stop() { self.handle.execute { $0.stop() } }

  /// Waits until the thread is gone.
  public func join() { self.thread.join() }
}

/// The place where a result is waited for.
private final class CallResult<R: Sendable>: Sendable {
  private let value = Mutex<R?>(nil)
  private let semaphore = DispatchSemaphore(value: 0)

  func set(_ result: R) {
    self.value.withLock { $0 = result }
    self.semaphore.signal()
  }

  func wait() -> R? {
    self.semaphore.wait()
    return self.value.withLock { $0 }
  }
}

/// Hands something from the thread that made it to the one that keeps it.
///
/// Safety: written before the thread is started, read and cleared only by that thread.
private final class OneOwner<Value>: @unchecked Sendable {
  private var value: Value?

  init(_ value: Value) { self.value = value }

  func take() -> Value? {
    defer { self.value = nil }
    return self.value
  }
}
