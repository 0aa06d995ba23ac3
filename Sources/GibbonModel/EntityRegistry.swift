// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// Every kind of entity that this gateway knows: the core ones and those that the enabled plugins bring.
public struct EntityRegistry: Sendable {
  /// Parents before children, otherwise in order of declaration.
  public let schemas: [EntitySchema]
  /// The enabled plugins by name.
  public let plugins: [String: PluginSchema]
  private let byName: [String: EntitySchema]
  private let childrenByParent: [String: [Child]]

  /// A collection whose foreign field names another collection.
  public struct Child: Sendable {
    public let schema: EntitySchema
    /// The foreign field.
    public let field: String
    public let deletion: Field.DeletionRule
  }

  /// Kong's core entities, in its order.
  public static let coreNames = [
    "workspaces", "consumers", "certificates", "services", "routes", "snis", "upstreams", "targets", "plugins",
    "tags", "ca_certificates", "clustering_data_planes", "parameters", "vaults", "key_sets", "keys", "filter_chains",
  ]

  /// - Parameter routes: the routes' schema of the router flavor.
  public init(plugins: [PluginSchema] = [], routes: EntitySchema = RoutesSchema.schema) {
    let core: [EntitySchema] = [
      WorkspacesSchema.schema, ConsumersSchema.schema, CertificatesSchema.schema, ServicesSchema.schema, routes,
      SNIsSchema.schema, UpstreamsSchema.schema, TargetsSchema.schema, PluginsSchema.schema(plugins: plugins),
      TagsSchema.schema, CACertificatesSchema.schema, ClusteringDataPlanesSchema.schema, ParametersSchema.schema,
      VaultsSchema.schema, KeySetsSchema.schema, KeysSchema.schema, FilterChainsSchema.schema,
    ]
    self.schemas = Self.sorted(core + plugins.flatMap(\.entities))
    self.plugins = Dictionary(plugins.map { ($0.name, $0) }) { _, last in last }
    self.byName = Dictionary(self.schemas.map { ($0.name, $0) }) { first, _ in first }
    var children: [String: [Child]] = [:]
    for schema in self.schemas {
      for reference in schema.references {
        children[reference.entity, default: []].append(
          Child(schema: schema, field: reference.field, deletion: reference.deletion))
      }
    }
    self.childrenByParent = children
  }

  public func schema(named name: String) -> EntitySchema? { self.byName[name] }

  /// The collections that refer to this one.
  public func children(of name: String) -> [Child] { self.childrenByParent[name] ?? [] }

  /// Parents first. References to unknown collections and cycles do not hold an entity back for ever.
  private static func sorted(_ schemas: [EntitySchema]) -> [EntitySchema] {
    let known = Set(schemas.map(\.name))
    var sorted: [EntitySchema] = []
    var placed: Set<String> = []
    var waiting = schemas
    while !waiting.isEmpty {
      let ready = waiting.filter { schema in
        schema.references.allSatisfy {
          placed.contains($0.entity) || !known.contains($0.entity) || $0.entity == schema.name
        }
      }
      let next = ready.isEmpty ? waiting : ready
      sorted += next
      placed.formUnion(next.map(\.name))
      waiting.removeAll { placed.contains($0.name) }
    }
    return sorted
  }
}
