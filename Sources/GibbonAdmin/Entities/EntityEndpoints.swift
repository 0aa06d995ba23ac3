// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The endpoints of all collections, made from their schemas.
struct EntityEndpoints: Sendable {
  let access: DataAccess

  var all: [Endpoint] {
    self.access.registry.schemas.flatMap { schema -> [Endpoint] in
      guard let path = schema.adminPath else { return [] }
      switch schema.name {
      case TagsSchema.collection: return TagEndpoints(access: self.access).all
      // Known to Kong, and closed: targets are reached through their upstream.
      case Target.collection: return self.targets(path)
      case FilterChainsSchema.collection: return FilterChainEndpoints.all
      default: return self.endpoints(of: schema, path)
      }
    }
  }

  private func endpoints(of schema: EntitySchema, _ path: EntitySchema.AdminPath) -> [Endpoint] {
    let collection = CollectionEndpoint(access: self.access, schema: schema, path: "/\(path.collection)")
    let item = ItemEndpoint(access: self.access, schema: schema)
    let itemPath = "/\(path.collection)/:\(schema.name)"
    var endpoints = [
      Endpoint("/\(path.collection)", group: schema.name, collection.operations),
      Endpoint(itemPath, group: schema.name, item.operations),
    ]
    for reference in schema.references {
      endpoints += self.foreignEndpoint(schema, reference.field, reference.entity, itemPath)
    }
    for child in self.access.registry.children(of: schema.name) {
      guard let childPath = child.schema.adminPath, child.schema.name != FilterChainsSchema.collection else { continue }
      let list = "\(itemPath)/\(childPath.nested)"
      if child.schema.name == Target.collection {
        endpoints += TargetEndpoints(access: self.access, path: list).all
        continue
      }
      let nested = NestedEndpoint(access: self.access, parent: schema, child: child, path: childPath.nested)
      endpoints.append(Endpoint(list, group: child.schema.name, nested.listOperations))
      endpoints.append(Endpoint("\(list)/:\(child.schema.name)", group: child.schema.name, nested.itemOperations))
    }
    return endpoints
  }

  /// The parent through its child, such as `/routes/:routes/service`.
  private func foreignEndpoint(
    _ schema: EntitySchema, _ field: String, _ entity: String, _ itemPath: String
  ) -> [Endpoint] {
    guard let parent = self.access.registry.schema(named: entity) else { return [] }
    let path = "\(itemPath)/\(field)"
    if schema.name == SNI.collection { return [Self.closed(path, schema)] }
    let foreign = ForeignEndpoint(access: self.access, child: schema, field: field, parent: parent)
    return [Endpoint(path, group: schema.name, foreign.operations)]
  }

  private func targets(_ path: EntitySchema.AdminPath) -> [Endpoint] {
    ["/targets", "/targets/:targets", "/targets/:targets/upstream"].map { Self.closed($0, TargetsSchema.schema) }
  }

  /// A path that Kong lists and answers with 404 whatever the method.
  private static func closed(_ path: String, _ schema: EntitySchema) -> Endpoint {
    Endpoint(
      path, group: schema.name, ["GET", "POST", "PUT", "PATCH", "DELETE"].map { .refused($0, .notFound) })
  }
}

/// `/services`
struct CollectionEndpoint: Sendable {
  let access: DataAccess
  let schema: EntitySchema
  /// For links.
  let path: String

  var operations: [Operation] {
    let name = EntityNames.plural(self.schema)
    return [
      Operation("GET", "List \(name)", output: .page(of: self.schema)) { try await self.list($0) },
      Operation(
        "POST", "Create \(EntityNames.singular(self.schema))", input: .entity(self.schema),
        output: .entity(self.schema), status: 201
      ) { try await self.create($0) },
    ]
  }

  private func list(_ request: AdminRequest) async throws -> AdminResponse {
    if self.schema.name == Consumer.collection, let id = request.filter("custom_id") {
      return try await self.consumers(id, request)
    }
    var page = PageRequest(size: try Paging.size(request), after: try Paging.offset(request)?.first)
    page.tags = self.schema.record.field(named: "tags") == nil ? nil : try Paging.tags(request)
    page.workspace = request.workspace
    let (entities, next) = try await self.access.page(page, of: self.schema)
    return Paging.body(
      entities.map { .object($0) }, next: next.map { [$0] }, path: self.path, request, keeps: ["tags", "size"])
  }

  /// `?custom_id=`, the one filter Kong has.
  private func consumers(_ given: JSONValue, _ request: AdminRequest) async throws -> AdminResponse {
    guard let id = given.stringValue, !id.isEmpty else {
      throw AdminError(400, "custom_id must be an unempty string")
    }
    let found = try await self.access.select(
      .key(field: "custom_id", value: id), in: self.schema, workspace: request.workspace)
    return .json(["data": .array(found.map { [.object($0)] } ?? []), "next": .null])
  }

  private func create(_ request: AdminRequest) async throws -> AdminResponse {
    let entity = try await self.access.insert(
      try request.arguments(self.schema), into: self.schema, workspace: request.workspace)
    return .json(entity, status: 201)
  }
}

/// Names of collections for people.
enum EntityNames {
  static func plural(_ schema: EntitySchema) -> String { schema.name.map { $0 == "_" ? " " : String($0) }.joined() }

  static func singular(_ schema: EntitySchema) -> String {
    let plural = self.plural(schema)
    let word = plural.hasSuffix("s") ? String(plural.dropLast()) : plural
    return ("aeiou".contains(word.first ?? " ") ? "an " : "a ") + word
  }
}
