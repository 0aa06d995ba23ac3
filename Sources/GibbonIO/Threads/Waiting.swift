// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import Synchronization

/// Waits on this thread for asynchronous work. For the main thread, before and after serving, and never on an event
/// loop or inside a task.
public func waiting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
  let done = DispatchSemaphore(value: 0)
  let outcome = Mutex<Result<Value, any Error>>(.failure(CancellationError()))
  Task {
    do {
      let value = try await body()
      outcome.withLock { $0 = .success(value) }
    } catch {
      outcome.withLock { $0 = .failure(error) }
    }
    done.signal()
  }
  done.wait()
  return try outcome.withLock { $0 }.get()
}

/// The same for what may never come to an end: it is left alone after a while.
///
/// - Returns: whether it ended in time.
@discardableResult
public func waiting(atMost seconds: Double, _ body: @escaping @Sendable () async -> Void) -> Bool {
  let done = DispatchSemaphore(value: 0)
  Task {
    await body()
    done.signal()
  }
  return done.wait(timeout: .now() + seconds) == .success
}
