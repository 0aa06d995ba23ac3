// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// The values by which a store finds one entity: what its table's columns hold besides the document.
public struct EntityKeys: Sendable {
  public let id: String
  /// The unique fields with their values, in the layout's order; nil is no value.
  public let uniques: [(field: TableLayout.Unique, value: String?)]
  /// The foreign fields with the ids they hold.
  public let references: [(reference: TableLayout.Reference, id: String?)]
  /// The composite key as one text; nil in collections without one.
  public let composite: String?
  public let tags: [String]

  public init(_ entity: StoredEntity, _ layout: TableLayout, _ schema: EntitySchema) {
    let object = entity.object
    self.id = entity.key(schema)
    self.uniques = layout.uniqueFields.map { ($0, object[$0.field]?.stringValue) }
    self.references = layout.references.map { ($0, object[$0.field]?["id"]?.stringValue) }
    self.composite =
      layout.compositeKey.isEmpty
      ? nil : Self.composite(layout.compositeKey, object, workspace: entity.workspace)
    self.tags = (object["tags"]?.arrayValue ?? []).compactMap(\.stringValue)
  }

  /// The parts in the key's order behind the workspace; absent ones are empty. Lengths before the parts keep two
  /// combinations from meeting in one text.
  public static func composite(_ fields: [String], _ object: JSONObject, workspace: EntityID?) -> String {
    ([workspace?.description ?? ""] + fields.map { Self.part(object[$0]) }).map { "\($0.utf8.count):\($0)" }
      .joined(separator: ",")
  }

  private static func part(_ value: JSONValue?) -> String { value?.stringValue ?? value?["id"]?.stringValue ?? "" }

  /// The fields of the composite key, as errors show them.
  public static func compositeFields(_ layout: TableLayout, _ object: JSONObject) -> JSONObject {
    JSONObject(layout.compositeKey.map { ($0, object[$0] ?? .null) })
  }
}
