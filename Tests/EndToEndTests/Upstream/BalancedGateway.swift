// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting

/// Origins that say their number, behind one upstream of a gateway with the Admin API.
struct BalancedGateway {
  let origins: [Origin]
  let gateway: GatewayProcess

  static let upstream = "balanced.test"

  /// - Parameters:
  ///   - fields: of the upstream.
  ///   - targets: texts in place of the origins' addresses.
  ///   - weights: by origin; 100 for all when empty.
  init(
    _ count: Int, _ fields: JSON = [:], service: JSON = [:], route: JSON = [:], weights: [Int] = [],
    targets: [String]? = nil, settings: [String: String] = [:],
    handler: @escaping @Sendable (Int, Exchange) throws -> Void = { number, exchange in
      try exchange.respond(headers: [("X-Origin", "\(number)"), ("X-Host", exchange.head["Host"] ?? "")])
    }
  ) throws {
    self.origins = try (0..<count).map { number in try Origin { try handler(number, $0) } }
    self.gateway = try GatewayProcess(administered: nil, settings: settings)
    try self.gateway.create("/upstreams", fields.with(["name": .string(Self.upstream)]))
    for (index, target) in (targets ?? self.origins.map { "127.0.0.1:\($0.port)" }).enumerated() {
      let weight = weights.isEmpty ? 100 : weights[index]
      try self.gateway.create(
        "/upstreams/\(Self.upstream)/targets", ["target": .string(target), "weight": .integer(weight)])
    }
    try self.gateway.create(
      "/services", service.with(["name": "balanced", "host": .string(Self.upstream), "path": "/"]))
    try self.gateway.create("/services/balanced/routes", route.with(["name": "all", "paths": ["/"]]))
  }

  func target(_ index: Int) -> String { "127.0.0.1:\(self.origins[index].port)" }

  /// Which origin answers.
  func origin(_ target: String = "/", headers: [(String, String)] = []) throws -> Int? {
    try self.gateway.get(target, headers: headers)["X-Origin"].flatMap { Int($0) }
  }

  func health(_ index: Int) throws -> String? {
    try self.gateway.admin("GET", "/upstreams/\(Self.upstream)/health").data
      .first { $0["target"].string == self.target(index) }?["health"].string
  }

  func waitForHealth(_ index: Int, _ health: String) throws {
    try Deadline.wait(for: "target \(index) to be \(health)") { try self.health(index) == health }
  }
}
