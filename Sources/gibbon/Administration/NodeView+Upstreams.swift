// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonCore
internal import GibbonDNS
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema

extension NodeView {
  func upstreamStatus(_ id: EntityID) async -> UpstreamStatus? {
    self.engine.health(ofUpstream: id).map { UpstreamStatus($0) }
  }

  func setHealth(
    ofUpstream id: EntityID, target: String, address: String?, isHealthy: Bool
  ) async -> UpstreamHealthOutcome {
    switch self.engine.setHealth(ofUpstream: id, target: target, address: address, isHealthy: isHealthy) {
    case .done: .done
    case .noUpstream, .noTarget: .notFound
    case .noHealthChecks(let upstream): .refused("no healthchecker found for \(upstream)")
    }
  }

  func targetReports() async -> [TargetReport] {
    self.engine.upstreamHealth.flatMap { upstream in
      upstream.targets.flatMap { target -> [TargetReport] in
        if target.addresses.isEmpty {
          return [TargetReport(upstream: upstream.name, target: target.text, address: "", health: .dnsError)]
        }
        return target.addresses.map { address in
          TargetReport(
            upstream: upstream.name, target: target.text, address: "\(address.ip):\(address.port)",
            health: TargetReport.Health(address.health))
        }
      }
    }
  }

  /// Names shown at most.
  private static let nameLimit = 1000

  func nameStatus() async -> JSONObject? {
    guard self.configuration["new_dns_client"]?.boolValue == true else { return nil }
    let known = self.resolver.known(limit: Self.nameLimit)
    var stats: JSONObject = [:]
    for (event, count) in known.counts { stats[event.rawValue] = .int(Int64(count)) }
    let names = known.names.map { name -> JSONValue in
      var object: JSONObject = [
        "name": .string(name.name), "expires_in": .double(Double(name.expiresIn) / 1000),
        "refreshed": .bool(name.isWatched),
      ]
      switch name.answer.outcome {
      case .failed(let reason): object["error"] = .string(reason)
      case .found(let endpoints, let kind):
        object["type"] = .string(kind.rawValue)
        object["addresses"] = .array(endpoints.map { .object(Self.shown($0)) })
      }
      if let failure = name.failure { object["stale_because"] = .string(failure) }
      return .object(object)
    }
    return [
      "worker": ["id": 0, "count": .int(Int64(self.facts.workers))], "stats": .object(stats),
      "names": .array(names), "total": .int(Int64(known.total)),
    ]
  }

  private static func shown(_ endpoint: DNSEndpoint) -> JSONObject {
    var object: JSONObject = ["ip": .string("\(endpoint.address)")]
    if let port = endpoint.port { object["port"] = .int(Int64(port)) }
    if let weight = endpoint.weight { object["weight"] = .int(Int64(weight)) }
    if let name = endpoint.name { object["name"] = .string(name) }
    return object
  }
}

extension TargetReport.Health {
  fileprivate init(_ health: UpstreamHealth.Health) {
    switch health {
    case .healthy: self = .healthy
    case .unhealthy: self = .unhealthy
    case .healthchecksOff: self = .healthchecksOff
    case .dnsError: self = .dnsError
    }
  }
}

extension UpstreamStatus {
  fileprivate init(_ health: UpstreamHealth) {
    self.init(
      targets: Dictionary(
        health.targets.map { ($0.text, Target(health: $0.health.rawValue, data: Self.data($0, false))) }
      ) { first, _ in first },
      health: !health.hasHealthChecks ? "HEALTHCHECKS_OFF" : health.isHealthy ? "HEALTHY" : "UNHEALTHY",
      details: health.hasHealthChecks
        ? [
          "healthy": .bool(health.isHealthy), "weight": Self.weight(health.weight),
          "hosts": .array(health.targets.map { .object(Self.data($0, true)) }),
        ] : nil)
  }

  private static func weight(_ weight: UpstreamHealth.Weight) -> JSONValue {
    [
      "total": .int(Int64(weight.total)), "available": .int(Int64(weight.available)),
      "unavailable": .int(Int64(weight.unavailable)),
    ]
  }

  /// - Parameter isBalancers: the balancer's view tells health as a boolean.
  private static func data(_ target: UpstreamHealth.Target, _ isBalancers: Bool) -> JSONObject {
    [
      "host": .string(target.host), "port": .int(Int64(target.port)), "dns": .string(target.dns),
      "nodeWeight": .int(Int64(target.nodeWeight)), "weight": Self.weight(target.weight),
      "addresses": .array(
        target.addresses.map { address in
          var object: JSONObject = [
            "ip": .string(address.ip), "port": .int(Int64(address.port)), "weight": .int(Int64(address.weight)),
          ]
          if isBalancers {
            object["healthy"] = .bool(address.health != .unhealthy)
          } else {
            object["health"] = .string(address.health.rawValue)
          }
          return .object(object)
        }),
    ]
  }
}
