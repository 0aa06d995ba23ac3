// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonStore

extension PostgresStore {
  @discardableResult
  public func commit(_ writes: [EntityWrite]) async throws(StoreError) -> Revision {
    try await self.writing { run in for write in writes { try run.apply(write) } }.revision
  }

  /// Runs `body` in the one transaction of all nodes that may write entities just now.
  func writing<Value: Sendable>(
    _ body: @escaping @Sendable (WriteRun) throws -> Value
  ) async throws(StoreError) -> (value: Value, revision: Revision) {
    let (tables, clock) = (self.tables, self.clock)
    let written = try await self.primary.run { connection in
      try connection.transaction(Self.begin) { rows in
        let run = WriteRun(connection, tables, clock, revision: rows.integer(0, 0) ?? 0)
        let value = try body(run)
        try run.finish()
        return (value: value, revision: run.revision)
      }
    }
    self.note(written.revision)
    return written
  }

  /// The lock is held until the commit: who comes after it gets the next revision, and no reader sees that one first.
  private static let begin = "BEGIN; SELECT revision FROM feed_revision FOR UPDATE"
}
