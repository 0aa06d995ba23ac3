// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonStore

extension CassandraStore {
  private var locks: ServerLock { ServerLock(tables: self.tables, table: "locks") }

  public func acquireLock(_ name: String, owner: EntityID, seconds: Double) async throws(StoreError) -> Bool {
    try await self.locks.acquire(name, owner, seconds: seconds, at: self.now())
  }

  public func releaseLock(_ name: String, owner: EntityID) async throws(StoreError) {
    try await self.locks.release(name, owner)
  }
}
