// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import Synchronization

/// Lets any number of threads through while it is up, as it is at first, and holds them all while it is down.
final class Barrier: Sendable {
  private let group = DispatchGroup()
  private let isDown = Mutex(false)

  /// A group must be empty when it goes.
  deinit { self.lift() }

  func lower() {
    self.isDown.withLock { isDown in
      if !isDown { self.group.enter() }
      isDown = true
    }
  }

  func lift() {
    self.isDown.withLock { isDown in
      if isDown { self.group.leave() }
      isDown = false
    }
  }

  /// Returns at once while it is up.
  func pass() { self.group.wait() }
}
