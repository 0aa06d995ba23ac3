// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// Puts the entities of a declarative configuration into a datastore, beside or over what is there.
///
/// Parents first, many in one commit. An import that failed half-way may be run again: what is there already is
/// written once more.
public struct EntityImport: Sendable {
  private let access: DataAccess
  /// Entities in one commit.
  private static let chunk = 1000

  public init(_ access: DataAccess) { self.access = access }

  /// - Parameter progress: told after each commit how many entities are in.
  /// - Returns: how many entities were imported.
  @discardableResult
  public func run(
    _ configuration: DeclarativeConfiguration, progress: (_ done: Int) -> Void
  ) async throws(DataError) -> Int {
    try await self.inspect(configuration)
    var done = 0
    var writes: [EntityWrite] = []
    for schema in self.access.registry.schemas where schema.name != Workspace.collection {
      for row in configuration.rows[schema.name] ?? [] {
        writes.append(.put(schema, self.stored(row, schema)))
        guard writes.count == Self.chunk else { continue }
        try await self.access.commit(writes)
        done += writes.count
        writes = []
        progress(done)
      }
    }
    if !writes.isEmpty {
      try await self.access.commit(writes)
      done += writes.count
      progress(done)
    }
    return done
  }

  /// Refuses all where one entity could not be served, with what is in the datastore already and with what comes.
  private func inspect(_ configuration: DeclarativeConfiguration) async throws(DataError) {
    let declared = DeclaredEntities(configuration)
    for schema in self.access.registry.schemas {
      for row in configuration.rows[schema.name] ?? [] {
        do throws(DataError) {
          try await self.access.inspect(row, schema, among: declared)
        } catch {
          let name = row["instance_name"]?.stringValue ?? row["name"]?.stringValue ?? ""
          let id = row["id"]?.stringValue ?? ""
          throw DataError(
            error.code, error.name, "\(schema.name) '\(name)' (\(id)): \(error.message)", fields: error.fields)
        }
      }
    }
  }

  private func stored(_ row: JSONObject, _ schema: EntitySchema) -> StoredEntity {
    var object = row
    for field in schema.record.fields where field.traits.contains(.transient) { object[field.name] = nil }
    object["ws_id"] = nil
    var expiresAt: Double?
    if schema.hasTTL, let seconds = object["ttl"]?.doubleValue, seconds > 0 {
      expiresAt = self.access.now() + seconds
    }
    if schema.hasTTL { object["ttl"] = nil }
    return StoredEntity(
      object, workspace: schema.isWorkspaceable ? Workspace.defaultID : nil, expiresAt: expiresAt)
  }
}
