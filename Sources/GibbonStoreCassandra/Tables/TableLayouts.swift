// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The tables of a keyspace. They are few, as every table costs each node of the server's memory, and they are for all
/// collections, so that a plugin's entities need none of their own.
enum TableLayouts {
  /// Holds the lock behind which everything else is made. Two nodes that make a table at once under ids of their own
  /// break a keyspace of 3.11 for good, so its id follows from the keyspace's name. It must not be the same for two
  /// keyspaces: the server would break both.
  static func setup(in keyspace: String) -> String {
    let id = EntityID.named(keyspace, in: EntityID(high: 0x6B1F_0C5E_3A0E_4C1D, low: 0x9D53_0C8F_3F6D_2A01))
    return "\(Self.setupName) (name text PRIMARY KEY, owner uuid, until double) WITH id = \(id)"
  }

  static let setupName = "setup"

  /// What tells that the keyspace is set up; made last, deleted first.
  static let migrations = "migrations"

  static let all: [(name: String, columns: String)] = [
    (
      "commits",
      """
      bucket bigint, revision bigint, id uuid, parts int, payload blob, committed_at double, \
      PRIMARY KEY ((bucket), revision)
      """
    ),
    ("commit_parts", "id uuid, part int, payload blob, PRIMARY KEY ((id), part)"),
    ("progress", "key text PRIMARY KEY, value bigint"),
    (
      "entities",
      """
      collection text, shard int, id text, document text, workspace text, revision bigint, expires_at double, \
      PRIMARY KEY ((collection, shard), id)
      """
    ),
    (
      "uniques",
      """
      collection text, field text, value text, workspace text, id text, \
      PRIMARY KEY ((collection, field, value), workspace)
      """
    ),
    (
      "children",
      """
      parent_collection text, parent text, collection text, field text, id text, \
      PRIMARY KEY ((parent_collection, parent), collection, field, id)
      """
    ),
    ("tags", "shard int, tag text, collection text, id text, PRIMARY KEY ((shard), tag, collection, id)"),
    (
      "expiring",
      "shard int, expires_at double, collection text, id text, PRIMARY KEY ((shard), expires_at, collection, id)"
    ),
    (
      "counters",
      """
      namespace text, name text, slot uuid, value bigint, expires_at double, PRIMARY KEY ((namespace, name), slot)
      """
    ),
    ("locks", "name text PRIMARY KEY, owner uuid, until double"),
    (Self.migrations, "name text PRIMARY KEY, place int, executed_at double"),
  ]

  /// Rows that end, or are deleted all the time: what is left of them is not kept for the ten days that others have. A
  /// row that comes back for that does no harm.
  private static let gcGraceSeconds = ["counters": 3600, "expiring": 86_400]

  static func create(_ table: (name: String, columns: String), in keyspace: String) -> String {
    let options = Self.gcGraceSeconds[table.name].map { " WITH gc_grace_seconds = \($0)" } ?? ""
    return "CREATE TABLE IF NOT EXISTS \(keyspace).\(table.name) (\(table.columns))\(options)"
  }
}
