// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema
import GibbonStore

@testable import GibbonAdmin

/// A node that serves nothing and does nothing, for tests of endpoints that have no business with it.
struct StillNode: AdminNode {
  let facts = NodeFacts(nodeID: EntityID(high: 1, low: 2), hostname: "h", version: "1.2.3", kongVersion: "3.9.1")
  let configuration: JSONObject = [:]
  let logLevel = "notice"

  func traffic() async -> TrafficCounts { TrafficCounts(activeConnections: 0, acceptedConnections: 0, requests: 0) }
  func served() async -> ServedConfiguration { ServedConfiguration(hash: "", revision: nil, since: 0) }
  func isDatastoreReachable() async -> Bool? { nil }
  func unreadiness() async -> String? { nil }
  func beginDraining() async {}
  func setLogLevel(_ level: String, seconds: Double) async -> Bool { false }
  func cached(_ key: String) async -> JSONValue? { nil }
  func forgetCached(_ key: String?) async {}
  func load(_ configuration: DeclarativeConfiguration) async throws {}
  func unhurried<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value { try body() }
  func explain(_ request: ExplainRequest) async -> JSONObject { [:] }
}
