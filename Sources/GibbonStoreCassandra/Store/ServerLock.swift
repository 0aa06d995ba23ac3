// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL
internal import GibbonCore
internal import GibbonStore

/// Locks in a table of `name`, `owner` and `until`, by conditions.
struct ServerLock: Sendable {
  let tables: Tables
  let table: String

  /// Seconds that a row outlives its lock, for nodes whose clocks differ.
  private static let graceSeconds = 60.0
  private static let longestLife = 630_720_000.0
  private static let attempts = 10

  func acquire(_ name: String, _ owner: EntityID, seconds: Double, at now: Double) async throws(StoreError) -> Bool {
    let life = CQLValue.int(
      Int32(clamping: Int(clamping: min(Self.longestLife, max(1, seconds + Self.graceSeconds)))))
    let until = CQLValue.double(now + seconds)
    let place = "\(self.tables.keyspace).\(self.table)"
    var lost: CQLError?
    for _ in 0..<Self.attempts {
      do throws(CQLError) {
        guard
          let held = try await self.tables.condition(
            "INSERT INTO \(place) (name, owner, until) VALUES (?, ?, ?) IF NOT EXISTS USING TTL ?",
            [.text(name), .uuid(owner), until, life])
        else { return true }
        if held["owner"] == .uuid(owner), held["until"] == until { return true }
        guard held["owner"] == .uuid(owner) || held["until"]?.double ?? 0 <= now else { return false }
        let isTaken = try await self.tables.condition(
          "UPDATE \(place) USING TTL ? SET owner = ?, until = ? WHERE name = ? IF owner = ? AND until = ?",
          [life, .uuid(owner), until, .text(name), held["owner"] ?? .null, held["until"] ?? .null])
        if isTaken == nil { return true }
        // It went over to somebody, or ended: see again.
      } catch {
        guard case .unknownOutcome = error else { throw StoreError(cql: error, isWrite: lost != nil) }
        lost = error
      }
    }
    throw lost.map { StoreError(cql: $0) } ?? .unavailable("too many want the lock \(name)")
  }

  /// To give up a lock twice does no harm, so a lost answer is no reason to keep it.
  func release(_ name: String, _ owner: EntityID) async throws(StoreError) {
    var failure: CQLError?
    for _ in 0..<Self.attempts {
      do throws(CQLError) {
        _ = try await self.tables.condition(
          "DELETE FROM \(self.tables.keyspace).\(self.table) WHERE name = ? IF owner = ?", [.text(name), .uuid(owner)])
        return
      } catch {
        guard case .unknownOutcome = error else { throw StoreError(cql: error, isWrite: true) }
        failure = error
      }
    }
    throw failure.map { StoreError(cql: $0, isWrite: true) } ?? .failure("no attempt was made")
  }
}
