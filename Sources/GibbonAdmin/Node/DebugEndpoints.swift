// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema
internal import GibbonStore

/// `/debug/node/log-level` and `/cache`: looking into the node, and nudging it.
struct DebugEndpoints: Sendable {
  let node: any AdminNode
  let access: DataAccess

  private static let levels = ["debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"]
  /// Seconds after which the level falls back unless the request says.
  private static let defaultTimeout = 60.0

  var all: [Endpoint] {
    let set = Operation("PUT", "Set the log level for a while", output: .message) {
      try await self.setLevel($0, inCluster: false)
    }
    let setAll = Operation("PUT", "Set the log level of all nodes for a while", output: .message) {
      try await self.setLevel($0, inCluster: true)
    }
    return [
      Endpoint(
        "/debug/node/log-level", group: "node",
        [
          Operation("GET", "The log level", output: .message) { _ in
            .message("log level: \(self.node.logLevel)")
          }
        ]),
      Endpoint("/debug/node/log-level/:log_level", group: "node", [set]),
      Endpoint("/debug/cluster/log-level/:log_level", group: "node", [setAll]),
      Endpoint(
        "/cache", group: "cache",
        [
          Operation("DELETE", "Forget everything that is cached", status: 204) { _ in
            await self.node.forgetCached(nil)
            return .noContent
          }
        ]),
      Endpoint(
        "/cache/:key", group: "cache",
        [
          Operation("GET", "What is cached under a key", output: .value(["type": "object"])) { request in
            guard let value = await self.node.cached(request["key"]) else { throw AdminError.notFound }
            return value.objectValue.map { .json($0) } ?? .json(["message": value])
          },
          Operation("DELETE", "Forget what is cached under a key", status: 204) { request in
            await self.node.forgetCached(request["key"])
            return .noContent
          },
        ]),
    ]
  }

  private func setLevel(_ request: AdminRequest, inCluster: Bool) async throws -> AdminResponse {
    if self.access.isReadOnly { throw AdminError(405, "cannot change log level when not using a database") }
    let level = request["log_level"]
    guard Self.levels.contains(level) else { throw AdminError(400, "unknown log level: \(level)") }
    let body = try request.arguments()
    let text = request.argument("timeout") ?? body["timeout"]?.stringValue ?? body["timeout"]?.description
    let seconds = text.flatMap { Double($0) } ?? Self.defaultTimeout
    guard seconds >= 0 else { throw AdminError(400, "timeout must be greater than or equal to 0") }
    if self.node.logLevel == level { return .message("log level is already \(level)") }
    guard await self.node.setLogLevel(level, seconds: seconds.rounded(.up)) else {
      throw AdminError(400, "unknown log level: \(level)")
    }
    if inCluster {
      try await self.access.broadcast(
        logLevel: level, seconds: seconds.rounded(.up), from: self.node.facts.nodeID)
    }
    return .message("log level changed")
  }
}
