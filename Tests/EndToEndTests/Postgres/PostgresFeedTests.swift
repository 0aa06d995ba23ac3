// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// How a gateway hears of what others write to PostgreSQL.
@Suite struct PostgresFeedTests {
  /// Looks for changes once an hour: what arrives was told by the server.
  private static let never = ["db_update_frequency": "3600"]

  @Test func aFeedThatIsCutIsCaughtUpWith() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(Self.never), try nodes.start(Self.never))
    for round in 0..<3 {
      try nodes.cluster.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gibbon change feed' "
          + "AND datname = '\(nodes.database)'", database: "postgres")
      try nodes.makeRoute("round-\(round)", at: first)
      try second.await("/round-\(round)", 200)
    }
  }

  @Test func whatNobodyToldIsFoundByLooking() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let (first, second) = (try nodes.start(), try nodes.start(["db_update_frequency": "1"]))
    try nodes.makeRoute("before", at: first)
    try second.await("/before", 200)
    // The same that a commit does, without a word.
    try nodes.cluster.run(
      """
      WITH r AS (UPDATE feed_revision SET revision = revision + 1 RETURNING revision), \
      d AS (DELETE FROM routes WHERE name = 'before' RETURNING id) \
      INSERT INTO changes SELECT r.revision, 'routes', d.id, 0 FROM r, d
      """, database: nodes.database)
    try second.await("/before", 404)
  }
}
