// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch

/// A thread for calls that may block: files, local sockets, the system's resolver. One call after the other.
struct BlockingQueue: Sendable {
  private let queue: DispatchQueue

  init(_ name: String) { self.queue = DispatchQueue(label: "gibbon.\(name)") }

  func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      self.queue.async { continuation.resume(with: Result { try body() }) }
    }
  }
}
