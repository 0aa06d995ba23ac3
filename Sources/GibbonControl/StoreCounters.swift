// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import GibbonStore

/// A plugin's counters in the datastore.
struct StoreCounters: SharedCounters {
  let store: any Store
  /// The plugin's name, so that two plugins never share a counter.
  let namespace: String

  func add(_ additions: [CounterAddition]) async throws -> [Int64] {
    try await self.store.increment(
      additions.map {
        CounterIncrement(CounterKey(self.namespace, $0.name), by: $0.amount, expiresAt: $0.expiresAt)
      })
  }

  func values(of names: [String]) async throws -> [Int64] {
    try await self.store.counters(names.map { CounterKey(self.namespace, $0) })
  }
}
