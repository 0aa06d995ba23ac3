// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// A task that can be given up.
final class TaskBox: Sendable {
  private let task = Mutex<Task<Void, Never>?>(nil)

  func set(_ task: Task<Void, Never>) {
    let last = self.task.withLock { held in
      let last = held
      held = task
      return last
    }
    last?.cancel()
  }

  func cancel() { self.task.withLock { $0.take() }?.cancel() }
}
