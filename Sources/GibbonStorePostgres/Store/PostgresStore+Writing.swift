// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonStore

extension PostgresStore {
  @discardableResult
  public func commit(_ writes: [EntityWrite]) async throws(StoreError) -> Revision {
    try await self.commits.run(cost: writes.count) { run in
      for write in writes { try run.apply(write) }
      return run.revision
    }
  }
}
