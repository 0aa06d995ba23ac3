// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux

/// Runs a long calculation on a thread of its own that gives way to the traffic: event loops get a core before it
/// does, and no thread that others share is kept busy. Reading a large configuration is such work.
///
/// - Throws: what `body` throws, or `SystemError` when no thread starts.
public func unhurried<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try SystemThread(name: "gibbon-unhurried", ends: .byItself) {
        gibbon_give_way()
        let outcome = Result(catching: body)
        // This thread's heap: what was read and dropped lies there.
        gibbon_tidy_heap()
        continuation.resume(with: outcome)
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
