// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux

/// Runs a long calculation on a thread that gives way to the traffic: event loops get a core before it does, and no
/// thread that others share is kept busy. Reading a large configuration is such work. There is one such thread, and
/// one calculation at a time, however many are asked for.
///
/// - Throws: what `body` throws, or `SystemError` when the thread does not start.
public func unhurried<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  let thread = try UnhurriedThread.shared.get()
  return try await withCheckedThrowingContinuation { continuation in
    let isAccepted = thread.handle.execute { _ in
      let outcome = Result(catching: body)
      // This thread's heap: what was read and dropped lies there.
      gibbon_tidy_heap()
      continuation.resume(with: outcome)
    }
    if !isAccepted { continuation.resume(throwing: CancellationError()) }
  }
}

/// A loop without channels: a thread and what it is to do. It lives as long as the process.
private enum UnhurriedThread {
  private final class Nothing {}

  static let shared = Result {
    try LoopThread(name: "gibbon-unhurried") { _ in
      gibbon_give_way()
      return Nothing()
    }
  }
}
