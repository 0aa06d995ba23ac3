// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
public import GibbonCore
internal import GibbonSchema
public import GibbonStore

extension SQLiteStore {
  public func increment(_ increments: [CounterIncrement]) async throws(StoreError) -> [Int64] {
    let now = self.now()
    return try await self.queue.run { database in
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO counters (namespace, name, value, expires_at) VALUES (?1, ?2, ?3, ?4)
          ON CONFLICT (namespace, name) DO UPDATE SET
            value = CASE WHEN expires_at > ?5 THEN value + ?3 ELSE ?3 END,
            expires_at = CASE WHEN expires_at > ?5 THEN expires_at ELSE ?4 END
          RETURNING value
          """)
      return try increments.map { increment in
        try Int64.fetchOne(
          statement,
          arguments: [increment.key.namespace, increment.key.name, increment.amount, increment.expiresAt, now]) ?? 0
      }
    }
  }

  public func counter(_ key: CounterKey) async throws(StoreError) -> Int64 {
    try await self.counters([key]).first ?? 0
  }

  public func counters(_ keys: [CounterKey]) async throws(StoreError) -> [Int64] {
    let now = self.now()
    return try await self.read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT value FROM counters WHERE namespace = ? AND name = ? AND expires_at > ?")
      return try keys.map { try Int64.fetchOne(statement, arguments: [$0.namespace, $0.name, now]) ?? 0 }
    }
  }

  public func acquireLock(_ name: String, owner: EntityID, seconds: Double) async throws(StoreError) -> Bool {
    let now = self.now()
    return try await self.queue.run { database in
      try database.cachedStatement(
        sql: """
          INSERT INTO locks (name, owner, expires_at) VALUES (?1, ?2, ?3)
          ON CONFLICT (name) DO UPDATE SET owner = ?2, expires_at = ?3 WHERE owner = ?2 OR expires_at <= ?4
          """
      ).execute(arguments: [name, owner.description, now + seconds, now])
      return database.changesCount > 0
    }
  }

  public func releaseLock(_ name: String, owner: EntityID) async throws(StoreError) {
    try await self.queue.run { database in
      try database.execute(
        sql: "DELETE FROM locks WHERE name = ? AND owner = ?", arguments: [name, owner.description])
    }
  }

  @discardableResult
  public func purgeExpired() async throws(StoreError) -> Int {
    let tables = self.tables
    let now = self.now()
    return try await self.queue.run { database in
      let run = WriteRun(database, tables, now)
      try database.execute(sql: "DELETE FROM counters WHERE expires_at <= ?", arguments: [now])
      try database.execute(sql: "DELETE FROM locks WHERE expires_at <= ?", arguments: [now])
      return try tables.all.filter(\.layout.hasTTL).reduce(0) { try $0 + run.deleteExpired($1) }
    }
  }
}
