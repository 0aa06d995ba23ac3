// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Calls something about every second, one call after the other.
final class Ticker: Sendable {
  private let body: @Sendable () async -> Void
  private let task = TaskBox()

  init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

  func start() {
    let body = self.body
    self.task.set(
      Task {
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(1))
          if !Task.isCancelled { await body() }
        }
      })
  }

  func stop() { self.task.cancel() }
}
