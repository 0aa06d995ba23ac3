// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
internal import GibbonStore
internal import Synchronization

/// Asks whether the datastore answers. Who watches a node must have its word soon, also where the datastore neither
/// answers nor refuses: it is asked once at a time, and those who want to know wait for a bounded time.
final class DatastoreProbe: Sendable {
  private struct State {
    var isAsking = false
    var next = 0
    var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
  }

  private let store: any Store
  private let state = Mutex(State())
  /// Milliseconds after which a datastore that says nothing counts as away.
  private static let patience = 2000

  init(_ store: any Store) { self.store = store }

  func isReachable() async -> Bool {
    await withCheckedContinuation { continuation in
      let (number, mustAsk) = self.state.withLock { state in
        state.next += 1
        state.waiting[state.next] = continuation
        defer { state.isAsking = true }
        return (state.next, !state.isAsking)
      }
      if mustAsk { Task { await self.ask() } }
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Self.patience)) {
        self.state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: false)
      }
    }
  }

  private func ask() async {
    let isReachable = (try? await self.store.revision()) != nil
    let waiting = self.state.withLock { state in
      state.isAsking = false
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(returning: isReachable) }
  }
}
