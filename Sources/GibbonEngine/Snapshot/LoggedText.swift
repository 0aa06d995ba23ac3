// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// What logs show of an entity, made when the first of them needs it.
struct LoggedText: ~Copyable, Sendable {
  private let held = Mutex<[UInt8]?>(nil)

  func text(_ make: () -> [UInt8]) -> [UInt8] {
    self.held.withLock { held in
      if let held { return held }
      let text = make()
      held = text
      return text
    }
  }
}
