// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
public import GibbonStore

extension CassandraStore {
  /// Seconds that a row outlives its counter, for nodes whose clocks differ.
  private static let graceSeconds = 60.0
  /// What the server takes: twenty years.
  private static let longestLife = 630_720_000.0

  public func increment(_ increments: [CounterIncrement]) async throws(StoreError) -> [Int64] {
    guard !increments.isEmpty else { return [] }
    var sums: [CounterKey: (amount: Int64, end: Double)] = [:]
    for increment in increments {
      let sum = sums[increment.key] ?? (0, increment.expiresAt)
      sums[increment.key] = (sum.amount &+ increment.amount, sum.end)
    }
    let pairs = try await concurrently(sums.map { ($0.key, $0.value.amount, $0.value.end) }) {
      (key, amount, end) async throws(StoreError) in
      (key, try await self.add(amount, to: key, endingAt: end))
    }
    // The value after each addition, from the value after all of them.
    var totals = Dictionary(pairs, uniquingKeysWith: { $1 })
    var values: [Int64] = []
    for increment in increments.reversed() {
      let value = totals[increment.key] ?? 0
      values.append(value)
      totals[increment.key] = value &- increment.amount
    }
    return values.reversed()
  }

  private struct CounterRow: Sendable {
    let id: EntityID
    let value: Int64
    let expiresAt: Double
  }

  private func add(_ amount: Int64, to key: CounterKey, endingAt end: Double) async throws(StoreError) -> Int64 {
    let now = self.now()
    var end = end
    if self.counterSlots.slot(key, at: now) == nil {
      // One that another node has begun ends for this one when it ends for that.
      end = try await self.rows(of: key, at: now).map(\.expiresAt).min() ?? end
    }
    let slot = self.counterSlots.add(amount, to: key, endingAt: end, at: now)
    async let written = Self.outcome { () async throws(StoreError) in try await self.write(slot, of: key, now) }
    async let others = Self.outcome { () async throws(StoreError) in try await self.rows(of: key, at: now) }
    do throws(StoreError) {
      let (written, others) = await (written, others)
      try written.get()
      return try others.get().reduce(slot.sum) { $1.id == slot.id ? $0 : $0 &+ $1.value }
    } catch {
      self.counterSlots.takeBack(amount, from: key, slot)
      throw error
    }
  }

  /// `async let` forgets which errors there are.
  private static func outcome<Value: Sendable>(
    _ body: @Sendable () async throws(StoreError) -> Value
  ) async -> Result<Value, StoreError> {
    do throws(StoreError) { return .success(try await body()) } catch { return .failure(error) }
  }

  private func write(_ slot: CounterSlots.Slot, of key: CounterKey, _ now: Double) async throws(StoreError) {
    let life = min(Self.longestLife, max(1, (slot.expiresAt - now).rounded(.up) + Self.graceSeconds))
    var statement = CQLStatement(
      """
      INSERT INTO \(self.tables.keyspace).counters (namespace, name, slot, value, expires_at) VALUES (?, ?, ?, ?, ?) \
      USING TIMESTAMP ? AND TTL ?
      """,
      [
        .text(key.namespace), .text(key.name), .uuid(slot.id), .bigint(slot.sum), .double(slot.expiresAt),
        .bigint(slot.sequence), .int(Int32(clamping: Int(clamping: life))),
      ])
    statement.isIdempotent = true
    do throws(CQLError) {
      _ = try await self.session.execute(statement)
    } catch {
      throw StoreError(cql: error, isWrite: true)
    }
  }

  private func rows(of key: CounterKey, at now: Double) async throws(StoreError) -> [CounterRow] {
    let rows = try await self.tables.rows(
      "SELECT slot, value, expires_at FROM \(self.tables.keyspace).counters WHERE namespace = ? AND name = ?",
      [.text(key.namespace), .text(key.name)], .configured)
    return rows.compactMap { row in
      guard row.count == 3, let id = row[0].id, let value = row[1].integer, let end = row[2].double, end > now else {
        return nil
      }
      return CounterRow(id: id, value: value, expiresAt: end)
    }
  }

  public func counter(_ key: CounterKey) async throws(StoreError) -> Int64 {
    let now = self.now()
    // A replica may not have the node's own row yet.
    let own = self.counterSlots.slot(key, at: now)
    return try await self.rows(of: key, at: now).reduce(own?.sum ?? 0) { $1.id == own?.id ? $0 : $0 &+ $1.value }
  }

  public func counters(_ keys: [CounterKey]) async throws(StoreError) -> [Int64] {
    try await concurrently(keys) { (key) async throws(StoreError) in try await self.counter(key) }
  }
}
