// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
public import GibbonPluginAPI
internal import GibbonSchema
public import GibbonStore

extension AdminAPI {
  /// The Admin API of a node.
  ///
  /// - Parameter plugins: what enabled plugins add.
  public static func admin(
    access: DataAccess, node: any AdminNode, plugins: [PluginEndpoint] = [],
    reportFault: @escaping @Sendable (String) -> Void
  ) -> AdminAPI {
    var endpoints =
      EntityEndpoints(access: access).all + UpstreamHealthEndpoints(access: access, node: node).all
      + NodeEndpoints(node: node, access: access).all
      + StatusEndpoints(node: node, access: access).status + SchemaEndpoints(access: access).all
      + ConfigEndpoints(node: node, access: access).all + ApiEndpoints(access: access).all
      + DebugEndpoints(node: node, access: access).all
      + PluginEndpoints(node: node, access: access, endpoints: plugins).admin
    endpoints.append(Self.robots)
    endpoints.append(Self.list(endpoints + [Self.document([:])]))
    // It has itself in it too.
    endpoints.append(
      Self.document(
        OpenAPIDocument.make(endpoints + [Self.document([:])], registry: access.registry, facts: node.facts)))
    return AdminAPI(
      endpoints, workspace: { name in try? await access.workspace(named: name) },
      keys: Dictionary(access.registry.schemas.map { ($0.name, $0.endpointKey ?? "id") }) { first, _ in first },
      reportFault: reportFault)
  }

  /// The Status API of a node: it changes nothing.
  public static func status(
    access: DataAccess, node: any AdminNode, plugins: [PluginEndpoint] = [],
    reportFault: @escaping @Sendable (String) -> Void
  ) -> AdminAPI {
    let status = StatusEndpoints(node: node, access: access)
    let added = PluginEndpoints(node: node, access: access, endpoints: plugins).status
    let health = UpstreamHealthEndpoints(access: access, node: node).readOnly
    return AdminAPI(status.status + [status.ready] + health + added, reportFault: reportFault)
  }

  /// `/endpoints`, with parameters in braces.
  private static func list(_ endpoints: [Endpoint]) -> Endpoint {
    let paths = Set(endpoints.map(\.path) + ["/endpoints"]).map { path in
      path.split(separator: "/", omittingEmptySubsequences: false)
        .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
    }
    let body: JSONObject = ["data": .strings(paths.sorted())]
    return Endpoint(
      "/endpoints", group: "node",
      [Operation("GET", "The paths of this API", output: .value(["type": "object"])) { _ in .json(body) }])
  }

  /// `/openapi.json`, made once.
  private static func document(_ document: JSONObject) -> Endpoint {
    let response = AdminResponse.json(document)
    return Endpoint(
      "/openapi.json", group: "node",
      [Operation("GET", "This API as OpenAPI 3.1", output: .value(["type": "object"])) { _ in response }])
  }

  private static let robots = Endpoint(
    "/robots.txt", group: "node",
    [
      Operation("GET", "Nothing here is for search engines", output: .text("text/plain")) { _ in
        var response = AdminResponse(status: 200)
        response.contentType = "text/plain"
        response.body = Array("User-agent: *\nDisallow: /\n".utf8)
        return response
      }
    ])
}

extension DataAccess {
  /// The workspace of that name, or nil.
  func workspace(named name: String) async throws(DataError) -> Workspace? {
    try await self.select(.key(field: "name", value: name), in: WorkspacesSchema.schema)
      .flatMap { Workspace(validated: $0) }
  }
}
