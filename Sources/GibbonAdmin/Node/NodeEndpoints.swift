// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// The node itself: what it is, what it serves, what it may run.
struct NodeEndpoints: Sendable {
  let node: any AdminNode
  let access: DataAccess

  private static let object: JSONObject = ["type": "object"]

  var all: [Endpoint] {
    [
      Endpoint(
        "/", group: "node",
        [Operation("GET", "What this node is", output: .value(Self.object)) { _ in try await self.root() }]),
      Endpoint(
        "/plugins/enabled", group: "plugins",
        [
          Operation("GET", "The plugins that may be configured", output: .value(Self.object)) { _ in
            .json(["enabled_plugins": .strings(self.node.facts.plugins.map(\.name))])
          }
        ]),
      Endpoint(
        "/timers", group: "node",
        [
          Operation("GET", "Timers: Gibbon has none to show", output: .value(Self.object)) { _ in Self.timers() }
        ]),
      Endpoint("/explain", group: "routes", self.explainOperations),
      Endpoint("/clustering/data-planes", group: "clustering", [Self.controlPlaneOnly]),
      Endpoint("/clustering/status", group: "clustering", [Self.controlPlaneOnly]),
    ]
  }

  // MARK: /

  private func root() async throws -> AdminResponse {
    let facts = self.node.facts
    var available: JSONObject = [:]
    for plugin in facts.plugins {
      available[plugin.name] = ["version": .string(plugin.version), "priority": .int(Int64(plugin.priority))]
    }
    var configuration = self.node.configuration
    configuration["log_level"] = .string(self.node.logLevel)
    return .json([
      "tagline": "Welcome to kong",
      "version": .string(facts.kongVersion),
      "edition": "community",
      "gibbon": ["version": .string(facts.version)],
      "hostname": .string(facts.hostname),
      "node_id": .string(facts.nodeID.description),
      "lua_version": "none: this is Gibbon",
      "pids": ["master": .int(Int64(facts.processID)), "workers": [.int(Int64(facts.processID))]],
      "timers": ["running": 0, "pending": 0],
      "plugins": [
        "available_on_server": .object(available), "enabled_in_cluster": .strings(try await self.pluginsInUse()),
      ],
      "configuration": .object(configuration),
    ])
  }

  /// The names of plugins that are configured somewhere, in the order of first sight.
  private func pluginsInUse() async throws(DataError) -> [String] {
    guard let schema = self.access.registry.schema(named: PluginEntity.collection) else { return [] }
    var names: [String] = []
    var page = PageRequest(size: Paging.maxSize)
    repeat {
      let (entities, next) = try await self.access.page(page, of: schema)
      for case let name? in entities.map({ $0["name"]?.stringValue }) where !names.contains(name) {
        names.append(name)
      }
      page.after = next
    } while page.after != nil
    return names
  }

  private static func timers() -> AdminResponse {
    let none: JSONObject = ["running": "", "pending": "", "elapsed_time": ""]
    let counts: JSONObject = ["running": 0, "pending": 0, "waiting": 0, "total": 0, "runs": 0]
    return .json([
      "worker": ["id": 0, "count": 1],
      "stats": ["flamegraph": .object(none), "sys": .object(counts), "timers": [:]],
    ])
  }

  private static let controlPlaneOnly = Operation(
    "GET", "Data planes: for control planes only", output: .message, status: 200
  ) { _ in
    throw AdminError(
      400, "this endpoint is only available when Kong is configured to run as Control Plane for the cluster")
  }

  // MARK: /explain

  private var explainOperations: [Operation] {
    let body: JSONObject = [
      "type": "object", "required": ["url"],
      "properties": [
        "url": ["type": "string"], "method": ["type": "string"], "sni": ["type": "string"],
        "headers": ["type": "object"],
      ],
    ]
    return [
      Operation("GET", "Which route a request would take, and why", output: .value(Self.object)) { request in
        var input: JSONObject = [:]
        for name in ["url", "method", "sni"] { input[name] = request.argument(name).map { .string($0) } }
        return try await self.explain(input)
      },
      Operation(
        "POST", "Which route a request would take, and why", input: .value(body), output: .value(Self.object)
      ) { try await self.explain(try $0.arguments()) },
    ]
  }

  private func explain(_ input: JSONObject) async throws -> AdminResponse {
    guard let url = input["url"]?.stringValue, url.contains("://") else {
      throw DataError.schemaViolation("url", "expected a URL such as http://example.com/path")
    }
    var request = ExplainRequest(method: input["method"]?.stringValue ?? "GET", url: url)
    request.sni = input["sni"]?.stringValue
    for header in input["headers"]?.objectValue ?? [:] {
      for value in header.value.arrayValue ?? [header.value] {
        request.headers.append((header.key, value.stringValue ?? value.description))
      }
    }
    return .json(await self.node.explain(request))
  }
}
