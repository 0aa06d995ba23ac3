// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting

/// Another node that died in the middle of a write, as far as the server can tell: a transaction of somebody else's has
/// the row that counts commits.
final class HeldLock: Sendable {
  private let fixture: PostgresFixture

  init(_ fixture: PostgresFixture) throws {
    self.fixture = fixture
    let (cluster, database) = (fixture.cluster, fixture.database)
    Thread {
      // Ended by `end`, which is an error to it.
      _ = try? cluster.run(
        "SET application_name = 'holder'; BEGIN; UPDATE feed_revision SET revision = revision; SELECT pg_sleep(60)",
        database: database)
    }.start()
    try Deadline.wait(for: "the lock") {
      try cluster.run(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
          + "WHERE d.datname = '\(database)' AND mode = 'RowExclusiveLock'", database: "postgres") != "0"
    }
  }

  /// Waits until a node waits for it.
  func awaitOthers() async throws {
    try await Deadline.lookUntil("somebody waits") {
      try self.fixture.cluster.run(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(self.fixture.database)' "
          + "AND application_name = 'gibbon' AND wait_event_type = 'Lock'", database: "postgres") != "0"
    }
  }

  func end() { try? self.fixture.cut(application: "holder") }
}
