// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCQL

extension CassandraStore {
  /// What to do where the keyspace is replicated otherwise than the properties say, which count only when it is made.
  ///
  /// - Returns: nil where it is as it should be, or cannot be read.
  public func replicationNotice() async -> String? {
    let rows = try? await self.tables.rows(
      "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?", [.text(self.keyspace.name)], .nodesOwn)
    guard case .texts(let texts)? = rows?.first?.first else { return nil }
    var there: [String: String] = [:]
    for index in stride(from: 0, to: texts.count - 1, by: 2) { there[texts[index]] = texts[index + 1] }
    return Self.replicationNotice(self.keyspace, there: there)
  }

  /// - Parameter there: options as the server tells them, with the class's full name.
  static func replicationNotice(_ keyspace: CassandraKeyspace, there: [String: String]) -> String? {
    var there = there
    there["class"] = there["class"].map { $0.split(separator: ".").last.map(String.init) ?? $0 }
    guard there != keyspace.replication else { return nil }
    let wanted = Self.replication(keyspace.replication)
    return "the keyspace '\(keyspace.name)' has the replication \(Self.replication(there)), and the properties "
      + "cassandra_repl_strategy, cassandra_repl_factor and cassandra_data_centers say \(wanted). Correct them, "
      + "or run in cqlsh: ALTER KEYSPACE \(CQLName.quoted(keyspace.name)) WITH replication = \(wanted); and then on every "
      + "node: nodetool repair --full \(keyspace.name)"
  }

  static func replication(_ options: [String: String]) -> String {
    // The class first, as it is written.
    let sorted = options.sorted { ($0.key == "class" ? "" : $0.key) < ($1.key == "class" ? "" : $1.key) }
    return "{\(sorted.map { "\(CQLName.text($0.key)): \(CQLName.text($0.value))" }.joined(separator: ", "))}"
  }
}
