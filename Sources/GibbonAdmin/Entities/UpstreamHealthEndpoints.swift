// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// Health of the targets of an upstream, as this node sees it.
struct UpstreamHealthEndpoints: Sendable {
  let access: DataAccess
  let node: any AdminNode

  private static let item = "/upstreams/:upstreams"
  private static let object: JSONObject = ["type": "object"]

  private var targets: TargetEndpoints { TargetEndpoints(access: self.access, path: Self.item + "/targets") }

  /// Reading health, and setting it.
  var all: [Endpoint] {
    [self.healthEndpoint]
      + [("healthy", true), ("unhealthy", false)].flatMap { word, isHealthy in
        ["", "/:address"].map { address in
          Endpoint(
            "\(Self.item)/targets/:targets\(address)/\(word)", group: Target.collection,
            [
              Operation("PUT", "Set a target \(word) on this node", status: 204) {
                try await self.set(isHealthy, $0)
              }
            ])
        }
      }
  }

  /// What the Status API shows.
  var readOnly: [Endpoint] {
    [self.healthEndpoint]
      + self.targets.all.map { endpoint in
        Endpoint(endpoint.path, group: endpoint.group, endpoint.operations.filter { $0.method == "GET" })
      }
  }

  private var healthEndpoint: Endpoint {
    Endpoint(
      Self.item + "/health", group: Upstream.collection,
      [
        Operation("GET", "Health of an upstream's targets on this node", output: .value(Self.object)) {
          try await self.health($0)
        }
      ])
  }

  private func upstreamID(_ request: AdminRequest) async throws -> EntityID {
    guard let id = EntityID(try await self.targets.upstreamID(request)) else { throw AdminError.notFound }
    return id
  }

  private func health(_ request: AdminRequest) async throws -> AdminResponse {
    let id = try await self.upstreamID(request)
    let status = await self.node.upstreamStatus(id)
    let nodeID = JSONValue.string("\(self.node.facts.nodeID)")
    if let wish = request.argument("balancer_health"), ["1", "true", "on", "yes"].contains(wish.lowercased()) {
      guard let status else { throw AdminError(500, "balancer not found") }
      var data: JSONObject = [
        "id": .string("\(id)"), "health": .string(status.health), "balancer_health": .string(status.health),
      ]
      if let details = status.details { data["details"] = .object(details) }
      return .json(["data": .object(data), "next": .null, "node_id": nodeID])
    }
    var page = try await self.targets.page(request, path: self.path(request))
    page["data"] = .array(
      (page["data"]?.arrayValue ?? []).map { value in
        guard case .object(var target) = value else { return value }
        let known = status?.targets[target["target"]?.stringValue ?? ""]
        target["health"] = .string(known?.health ?? "DNS_ERROR")
        if let known { target["data"] = .object(known.data) }
        return .object(target)
      })
    page["node_id"] = nodeID
    return .json(page)
  }

  private func path(_ request: AdminRequest) -> String {
    "/upstreams/\(request.rawParameters[Upstream.collection] ?? "")/health"
  }

  private func set(_ isHealthy: Bool, _ request: AdminRequest) async throws -> AdminResponse {
    let id = try await self.upstreamID(request)
    let target = try await self.targets.member(request).entity["target"]?.stringValue ?? ""
    let outcome = await self.node.setHealth(
      ofUpstream: id, target: target, address: request.parameters["address"], isHealthy: isHealthy)
    switch outcome {
    case .done: return .noContent
    case .notFound: throw AdminError.notFound
    case .refused(let reason): throw AdminError(400, reason)
    }
  }
}
