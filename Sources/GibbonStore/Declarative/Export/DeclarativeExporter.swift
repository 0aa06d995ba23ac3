// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonModel
public import GibbonSchema

/// Writes entities in the declarative format 3.0, flat, so that reading them gives the same entities again.
public struct DeclarativeExporter: Sendable {
  public let registry: EntityRegistry

  /// Whether fields without a value are written, as Kong does; otherwise only those whose default is another.
  private let showsNulls: Bool

  public init(registry: EntityRegistry, showsNulls: Bool = false) {
    self.registry = registry
    self.showsNulls = showsNulls
  }

  /// The document of all exported collections. Values are as stored, which `_transform: false` says.
  public func document(of rows: [String: [JSONObject]]) -> JSONValue {
    var document: JSONObject = ["_format_version": "3.0", "_transform": false]
    for schema in self.registry.schemas where schema.isExported {
      guard let entities = rows[schema.name], !entities.isEmpty else { continue }
      document[schema.name] = .array(entities.map { .object(self.exported($0, schema)) })
    }
    return .object(document)
  }

  /// The document as YAML text.
  public func yaml(of rows: [String: [JSONObject]]) -> [UInt8] {
    var writer = YAMLWriter()
    writer.write(self.document(of: rows))
    return writer.bytes
  }

  private func exported(_ row: JSONObject, _ schema: EntitySchema) -> JSONObject {
    let record = schema.record(for: row) ?? schema.record
    return JSONObject(
      distinct: row.members.compactMap { member in
        let field = record.field(named: member.key)
        if field?.traits.contains(.transient) == true || member.key == "ws_id" { return nil }
        if member.value.isNull, !self.showsNulls {
          // Null says something only where the default says something else.
          guard let value = field?.defaultValue, !value.isNull else { return nil }
        }
        if field?.foreignEntity != nil, let id = member.value["id"] { return JSONObject.Member(member.key, id) }
        return member
      })
  }
}
