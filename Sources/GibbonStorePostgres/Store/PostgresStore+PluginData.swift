// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonSchema
public import GibbonStore

extension PostgresStore {
  /// One statement whatever the number of counters: they are added up here first, and told apart again afterwards.
  public func increment(_ increments: [CounterIncrement]) async throws(StoreError) -> [Int64] {
    guard !increments.isEmpty else { return [] }
    let difference = self.clock.difference
    var sums: [CounterKey: (amount: Int64, expiresAt: Double)] = [:]
    for increment in increments {
      let sum = sums[increment.key] ?? (0, increment.expiresAt + difference)
      sums[increment.key] = (sum.amount &+ increment.amount, sum.expiresAt)
    }
    // Always in the same order, so that two nodes never wait for each other.
    let rows = sums.sorted { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) }.map { key, sum in
      JSONValue.array([
        .string(ColumnText.encode(key.namespace)), .string(ColumnText.encode(key.name)), .string("\(sum.amount)"),
        .string("\(sum.expiresAt)"),
      ])
    }
    let list = String(decoding: JSONValue.array(rows).serialized(), as: UTF8.self)
    let now = self.clock.now
    // Not repeated where the connection was lost: it may have been done.
    let totals = try await self.primary.run(isRepeatable: false) { connection in
      let rows = try connection.query(Self.increment, [.text(list), .real(now)])
      var totals: [CounterKey: Int64] = [:]
      for row in 0..<rows.count {
        guard let namespace = rows.key(row, 0), let name = rows.key(row, 1) else { continue }
        totals[CounterKey(namespace, name)] = rows.integer(row, 2)
      }
      return totals
    }
    return Self.steps(increments, totals: totals)
  }

  private static let increment = """
    INSERT INTO counters AS c (namespace, name, value, expires_at) \
    SELECT e ->> 0, e ->> 1, (e ->> 2)::bigint, (e ->> 3)::float8 FROM json_array_elements($1::json) AS e \
    ON CONFLICT (namespace, name) DO UPDATE SET \
    value = CASE WHEN c.expires_at > $2 THEN c.value + excluded.value ELSE excluded.value END, \
    expires_at = CASE WHEN c.expires_at > $2 THEN c.expires_at ELSE excluded.expires_at END \
    RETURNING namespace, name, value
    """

  /// The value after each addition, from the value after all of them.
  private static func steps(_ increments: [CounterIncrement], totals: [CounterKey: Int64]) -> [Int64] {
    var totals = totals
    var values: [Int64] = []
    for increment in increments.reversed() {
      let value = totals[increment.key] ?? 0
      values.append(value)
      totals[increment.key] = value &- increment.amount
    }
    return values.reversed()
  }

  public func counter(_ key: CounterKey) async throws(StoreError) -> Int64 {
    try await self.counters([key]).first ?? 0
  }

  public func counters(_ keys: [CounterKey]) async throws(StoreError) -> [Int64] {
    guard !keys.isEmpty else { return [] }
    let names = keys.map { key in
      JSONValue.array([.string(ColumnText.encode(key.namespace)), .string(ColumnText.encode(key.name))])
    }
    let list = String(decoding: JSONValue.array(names).serialized(), as: UTF8.self)
    let now = self.clock.now
    let found = try await self.primary.run { connection in
      let rows = try connection.query(Self.values, [.text(list), .real(now)])
      var values: [CounterKey: Int64] = [:]
      for row in 0..<rows.count {
        guard let namespace = rows.key(row, 0), let name = rows.key(row, 1) else { continue }
        values[CounterKey(namespace, name)] = rows.integer(row, 2)
      }
      return values
    }
    return keys.map { found[$0] ?? 0 }
  }

  private static let values = """
    SELECT c.namespace, c.name, c.value FROM json_array_elements($1::json) AS e \
    JOIN counters AS c ON c.namespace = e ->> 0 AND c.name = e ->> 1 WHERE c.expires_at > $2
    """

  public func acquireLock(_ name: String, owner: EntityID, seconds: Double) async throws(StoreError) -> Bool {
    let now = self.clock.now
    return try await self.primary.run { connection in
      try connection.query(
        """
        INSERT INTO locks AS l (name, owner, expires_at) VALUES ($1, $2, $3) \
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at \
        WHERE l.owner = excluded.owner OR l.expires_at <= $4
        """, [.key(name), .text(owner.description), .real(now + seconds), .real(now)]
      ).affected > 0
    }
  }

  public func releaseLock(_ name: String, owner: EntityID) async throws(StoreError) {
    try await self.primary.run { connection in
      _ = try connection.query(
        "DELETE FROM locks WHERE name = $1 AND owner = $2", [.key(name), .text(owner.description)])
    }
  }

  /// Transactions of one purge, of up to 1000 entities per collection each; what is left waits for the next.
  private static let purgeRounds = 100

  @discardableResult
  public func purgeExpired() async throws(StoreError) -> Int {
    let now = self.clock.now
    let tables = self.tables
    try await self.primary.run { connection in
      try connection.query("DELETE FROM counters WHERE expires_at <= $1", [.real(now)])
      _ = try connection.query("DELETE FROM locks WHERE expires_at <= $1", [.real(now)])
    }
    let hasTables = tables.all.filter(\.layout.hasTTL)
    var count = 0
    for _ in 0..<Self.purgeRounds {
      let deleted = try await self.commits.run { run in try hasTables.reduce(0) { try $0 + run.deleteExpired($1) } }
      if deleted == 0 { break }
      count += deleted
    }
    return count
  }
}
