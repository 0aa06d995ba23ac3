// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Counters that every node on the same datastore shares. Thread-safe; never blocks.
public protocol SharedCounters: Sendable {
  /// Adds to counters, each of which begins at zero and vanishes at its end, in one round trip.
  ///
  /// - Returns: the new values, in order.
  /// - Throws: when the datastore does not answer.
  func add(_ additions: [CounterAddition]) async throws -> [Int64]

  /// What counters hold, in order; zero where there is none. One round trip.
  ///
  /// - Throws: when the datastore does not answer.
  func values(of names: [String]) async throws -> [Int64]
}

/// An addition to a shared counter.
public struct CounterAddition: Sendable, Hashable {
  /// Unique among the counters of the plugin.
  public let name: String
  /// Below zero takes away.
  public let amount: Int64
  /// Unix seconds after which a counter that this addition begins is forgotten.
  public let expiresAt: Double

  public init(_ name: String, by amount: Int64, expiresAt: Double) {
    self.name = name
    self.amount = amount
    self.expiresAt = expiresAt
  }
}
