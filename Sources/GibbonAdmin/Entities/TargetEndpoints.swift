// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The targets of an upstream: listed with the newest first, and changed only where they are.
struct TargetEndpoints: Sendable {
  let access: DataAccess
  /// `/upstreams/:upstreams/targets`
  let path: String

  private static let schema = TargetsSchema.schema
  private static let upstreams = UpstreamsSchema.schema

  var all: [Endpoint] {
    let shape = Operation.Shape.entity(Self.schema)
    let page = Operation.Shape.page(of: Self.schema)
    let put = Operation("PUT", "Change a target", input: shape, output: shape) { try await self.patch($0) }
    return [
      Endpoint(
        self.path, group: Target.collection,
        [
          Operation("GET", "List targets of an upstream, newest first", output: page) { try await self.list($0) },
          Operation("POST", "Create a target for an upstream", input: shape, output: shape, status: 201) {
            try await self.create($0)
          },
        ]),
      Endpoint(
        self.path + "/all", group: Target.collection,
        [Operation("GET", "List targets of an upstream by id", output: page) { try await self.listByID($0) }]),
      Endpoint(
        self.path + "/:targets", group: Target.collection,
        [
          Operation("GET", "Read a target", output: shape) { .json(try await self.member($0).entity) },
          put,
          Operation("PATCH", "Change fields of a target", input: shape, output: shape) { try await self.patch($0) },
          Operation("DELETE", "Delete a target", status: 204) { request in
            let member = try await self.member(request)
            try await self.access.delete(member.address, in: Self.schema, workspace: request.workspace)
            return .noContent
          },
        ]),
    ]
  }

  func upstreamID(_ request: AdminRequest) async throws -> String {
    let address = try self.access.address(of: request[Upstream.collection], in: Self.upstreams)
    let upstream = try await self.access.select(address, in: Self.upstreams, workspace: request.workspace)
    guard let id = upstream?["id"]?.stringValue else { throw AdminError.notFound }
    return id
  }

  private func listPath(_ request: AdminRequest) -> String {
    "/upstreams/\(request.rawParameters[Upstream.collection] ?? "")/targets"
  }

  private func list(_ request: AdminRequest) async throws -> AdminResponse {
    .json(try await self.page(request, path: self.listPath(request)))
  }

  /// All of an upstream's targets are few; they are read whole and cut, as the order is not that of the ids.
  ///
  /// - Parameter path: for the link to the next page.
  func page(_ request: AdminRequest, path: String) async throws -> JSONObject {
    var page = PageRequest(
      size: Paging.maxSize, parent: .init(field: "upstream", id: try await self.upstreamID(request)))
    _ = try Paging.tags(request)
    let size = try Paging.size(request)
    let start = try Self.start(request)
    var targets: [JSONObject] = []
    repeat {
      let (entities, next) = try await self.access.page(page, of: Self.schema)
      targets += entities
      page.after = next
    } while page.after != nil
    targets.sort { left, right in
      let (first, second) = (left["created_at"]?.doubleValue ?? 0, right["created_at"]?.doubleValue ?? 0)
      return first != second
        ? first > second : (left["id"]?.stringValue ?? "") > (right["id"]?.stringValue ?? "")
    }
    let shown = targets.dropFirst(start).prefix(size)
    var object: JSONObject = ["data": .array(shown.map { .object($0) }), "next": .null]
    if start + size < targets.count {
      object["offset"] = .string("\(start + size)")
      object["next"] = .string(Paging.link(path, offset: "\(start + size)", request, []))
    }
    return object
  }

  /// The offset of this list is a plain number.
  private static func start(_ request: AdminRequest) throws(DataError) -> Int {
    guard let given = request.filter("offset") else { return 0 }
    let text = given.stringValue ?? given.description
    guard let start = Int(text), (0...1_000_000).contains(start) else {
      throw DataError(.invalidOffset, "invalid offset", "'\(text)' is not a valid offset: expected a number")
    }
    return start
  }

  private func listByID(_ request: AdminRequest) async throws -> AdminResponse {
    let page = PageRequest(
      size: try Paging.size(request), after: try Paging.offset(request)?.first,
      parent: .init(field: "upstream", id: try await self.upstreamID(request)))
    let (entities, next) = try await self.access.page(page, of: Self.schema)
    return Paging.body(
      entities.map { .object($0) }, next: next.map { [$0] }, path: self.listPath(request) + "/all", request)
  }

  private func create(_ request: AdminRequest) async throws -> AdminResponse {
    let upstream = try await self.upstreamID(request)
    var input = try request.arguments(Self.schema)
    // Kong looks at the target of a new one before it validates, and says less of it then.
    if let text = input["target"]?.stringValue, case .failure = HostAddress.parse(text) {
      throw DataError.schemaViolation("target", "Invalid target; not a valid hostname or ip address")
    }
    input["upstream"] = ["id": .string(upstream)]
    return .json(
      try await self.access.insert(input, into: Self.schema, workspace: request.workspace), status: 201)
  }

  /// By id, or by `host:port` as it is stored.
  func member(_ request: AdminRequest) async throws -> (address: EntityAddress, entity: JSONObject) {
    let upstream = try await self.upstreamID(request)
    let text = request[Target.collection]
    let entity = try await self.access.target(text, of: upstream, workspace: request.workspace)
    guard let entity, let id = entity["id"]?.stringValue, entity["upstream"]?["id"]?.stringValue == upstream else {
      throw AdminError.notFound
    }
    return (.id(id), entity)
  }

  private func patch(_ request: AdminRequest) async throws -> AdminResponse {
    let member = try await self.member(request)
    var input = try request.arguments(Self.schema)
    input["upstream"] = member.entity["upstream"]
    return .json(
      try await self.access.patch(input, at: member.address, in: Self.schema, workspace: request.workspace))
  }
}
