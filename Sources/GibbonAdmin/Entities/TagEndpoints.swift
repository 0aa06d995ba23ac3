// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `/tags` and `/tags/:tags`: which entity has which tag.
struct TagEndpoints: Sendable {
  let access: DataAccess

  var all: [Endpoint] {
    let page = Operation.Shape.page(of: TagsSchema.schema)
    return [
      Endpoint(
        "/tags", group: "tags",
        [Operation("GET", "List the tags of all entities", output: page) { try await self.list($0, tag: nil) }]
          + Self.refusals(["POST"])),
      Endpoint(
        "/tags/:tags", group: "tags",
        [
          Operation("GET", "List the entities with a tag", output: page) { request in
            _ = try self.access.address(of: request["tags"], in: TagsSchema.schema)
            return try await self.list(request, tag: request["tags"])
          }
        ] + Self.refusals(["PUT", "PATCH", "DELETE"])),
    ]
  }

  private func list(_ request: AdminRequest, tag: String?) async throws -> AdminResponse {
    var page = TagRequest(tag: tag, size: try Paging.size(request))
    if let parts = try Paging.offset(request), parts.count == 3 {
      page.after = TagUse(tag: parts[0], collection: parts[1], id: parts[2])
    }
    let found = try await self.access.tags(page)
    // Kong lists by entity. Stores keep them by tag, so that only a list that is whole can be in that order.
    let isWhole = page.after == nil && found.next == nil
    let uses = isWhole ? found.uses.sorted { $0.id < $1.id } : found.uses
    let data: [JSONValue] = uses.map { use in
      ["tag": .string(use.tag), "entity_name": .string(use.collection), "entity_id": .string(use.id)]
    }
    let path = tag == nil ? "/tags" : "/tags/\(request.rawParameters["tags"] ?? "")"
    return Paging.body(
      data, next: found.next.map { [$0.tag, $0.collection, $0.id] }, path: path, request,
      keeps: tag == nil ? ["size"] : [])
  }

  private static func refusals(_ methods: [String]) -> [Operation] {
    let error = DataError.schemaViolation("tags", "does not support insert/upsert/update/delete operations")
    return methods.map { .refused($0, AdminError(AdminResponse(error))) }
  }
}

/// Filter chains need Wasm, which is not there: every path says so.
enum FilterChainEndpoints {
  static let all: [Endpoint] = {
    let item = ["GET", "PUT", "PATCH", "DELETE"]
    let paths: [(String, [String])] = [
      ("/filter-chains", ["GET", "POST"]), ("/filter-chains/:filter_chains", item),
      ("/filter-chains/:filter_chains/route", item), ("/filter-chains/:filter_chains/service", item),
      ("/routes/:routes/filter-chains", ["GET", "POST"]), ("/routes/:routes/filter-chains/:filter_chains", item),
      ("/services/:services/filter-chains", ["GET", "POST"]),
      ("/services/:services/filter-chains/:filter_chains", item),
      ("/routes/:routes/filters/all", ["GET"]), ("/routes/:routes/filters/enabled", ["GET"]),
      ("/routes/:routes/filters/disabled", ["GET"]),
    ]
    let error = AdminError(400, "this endpoint is only available when wasm is enabled")
    return paths.map { path, methods in
      Endpoint(path, group: FilterChainsSchema.collection, methods.map { .refused($0, error) })
    }
  }()
}
