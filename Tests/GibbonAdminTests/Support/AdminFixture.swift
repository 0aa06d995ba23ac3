// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore
import Synchronization

@testable import GibbonAdmin

/// The Admin API over a store in memory, without sockets.
struct AdminFixture: Sendable {
  let store: MemoryStore
  let access: DataAccess
  let api: AdminAPI
  private let revisions: Log

  /// In Unix seconds, always.
  static let now = 1_700_000_000

  init(plugins: [PluginSchema] = []) async throws {
    let registry = EntityRegistry(plugins: plugins)
    self.store = MemoryStore(registry: registry) { Double(Self.now) }
    try await self.store.migrate(MigrationPlan(plugins: plugins)) { _ in }
    let revisions = Log()
    self.revisions = revisions
    self.access = DataAccess(
      store: self.store, registry: registry, now: { Double(Self.now) }, committed: { revisions.add($0) })
    self.api = AdminAPI.admin(access: self.access, node: StillNode()) { _ in }
  }

  /// The same store as a node without a database sees it.
  var readOnlyAPI: AdminAPI {
    let access = DataAccess(
      store: self.store, registry: self.access.registry, isReadOnly: true, now: { Double(Self.now) })
    return AdminAPI.admin(access: access, node: StillNode()) { _ in }
  }

  /// How many commits there were.
  var commits: Int { self.revisions.count }

  func get(_ target: String) async -> Reply { await self.send("GET", target) }
  func delete(_ target: String) async -> Reply { await self.send("DELETE", target) }
  func post(_ target: String, _ body: JSONObject) async -> Reply { await self.send("POST", target, body) }
  func put(_ target: String, _ body: JSONObject) async -> Reply { await self.send("PUT", target, body) }
  func patch(_ target: String, _ body: JSONObject) async -> Reply { await self.send("PATCH", target, body) }

  func form(_ method: String, _ target: String, _ text: String) async -> Reply {
    let headers = ["content-type": "application/x-www-form-urlencoded"]
    return await Self.send(
      AdminRequest(method: method, target: target, headers: headers, body: Array(text.utf8)), to: self.api)
  }

  func send(_ method: String, _ target: String, _ body: JSONObject? = nil, to api: AdminAPI? = nil) async -> Reply {
    var headers = ["host": "admin.test:8001"]
    if body != nil { headers["content-type"] = "application/json" }
    let bytes = body.map { JSONValue.object($0).serialized() } ?? []
    return await Self.send(
      AdminRequest(method: method, target: target, headers: headers, body: bytes), to: api ?? self.api)
  }

  private static func send(_ request: AdminRequest, to api: AdminAPI) async -> Reply {
    let response = await api.respond(to: request)
    let json = response.body.isEmpty ? nil : try? JSONParser.parse(response.body).get()
    return Reply(status: response.status, json: json ?? .null)
  }

  struct Reply: Sendable, Hashable, CustomStringConvertible {
    let status: Int
    /// Null where there is no body.
    let json: JSONValue

    subscript(name: String) -> JSONValue? { self.json[name] }

    /// The `data` of a list.
    var data: [JSONValue] { self.json["data"]?.arrayValue ?? [] }

    var description: String { "\(self.status) \(self.json.description)" }
  }

  private final class Log: Sendable {
    private let revisions = Mutex<[Revision]>([])

    var count: Int { self.revisions.withLock { $0.count } }

    func add(_ revision: Revision) { self.revisions.withLock { $0.append(revision) } }
  }
}
