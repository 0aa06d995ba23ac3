// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The name of a counter that plugins share between nodes, such as the requests of a client in a minute.
public struct CounterKey: Sendable, Hashable {
  /// The plugin's part, so that two plugins never share a counter.
  public let namespace: String
  public let name: String

  public init(_ namespace: String, _ name: String) {
    self.namespace = namespace
    self.name = name
  }
}

/// An addition to a counter.
public struct CounterIncrement: Sendable, Hashable {
  public let key: CounterKey
  public let amount: Int64
  /// Unix seconds after which a counter that this addition begins is forgotten.
  public let expiresAt: Double

  public init(_ key: CounterKey, by amount: Int64, expiresAt: Double) {
    self.key = key
    self.amount = amount
    self.expiresAt = expiresAt
  }
}
