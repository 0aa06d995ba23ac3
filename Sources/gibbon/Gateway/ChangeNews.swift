// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonControl
internal import GibbonStore
internal import Synchronization

/// Brings what the datastore tells of commits to the follower. What comes while it is busy is one more look.
final class ChangeNews: Sendable {
  private struct State {
    var isBusy = false
    var latest: Revision = 0
    /// Some may have been missed.
    var mustPoll = false
  }

  private let follower: Follower
  private let state = Mutex(State())

  init(_ follower: Follower) { self.follower = follower }

  /// - Parameter revision: nil: some may have been missed.
  func heard(_ revision: Revision?) {
    let mustStart = self.state.withLock { state in
      if let revision { state.latest = max(state.latest, revision) } else { state.mustPoll = true }
      defer { state.isBusy = true }
      return !state.isBusy
    }
    if mustStart { Task { await self.follow() } }
  }

  private func follow() async {
    while let (revision, mustPoll) = self.next() {
      if mustPoll { await self.follower.poll() }
      await self.follower.caughtUp(with: revision)
    }
  }

  private func next() -> (Revision, mustPoll: Bool)? {
    self.state.withLock { state in
      guard state.latest > 0 || state.mustPoll else {
        state.isBusy = false
        return nil
      }
      defer {
        state.latest = 0
        state.mustPoll = false
      }
      return (state.latest, state.mustPoll)
    }
  }
}
