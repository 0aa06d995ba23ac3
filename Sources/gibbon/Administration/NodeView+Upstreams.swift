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

  /// Where the requests of an explained request's service go, and why not elsewhere.
  func addingUpstream(to explanation: JSONObject, for request: ExplainRequest) async -> JSONObject {
    guard let id = explanation["service"]?["id"]?.stringValue,
      let service = try? await self.source.access.select(.id(id), in: ServicesSchema.schema),
      let host = service["host"]?.stringValue, let health = self.engine.upstreamHealth(named: host)
    else { return explanation }
    let targets = health.targets.map { target -> JSONValue in
      [
        "target": .string(target.text), "weight": .int(Int64(target.nodeWeight)), "dns": .string(target.dns),
        "health": .string(target.health.rawValue), "state": .string(target.reason),
        "addresses": .strings(target.addresses.map { "\($0.ip):\($0.port)" }),
      ]
    }
    var upstream: JSONObject = [
      "id": .string("\(health.id)"), "name": .string(health.name), "algorithm": .string(health.algorithm),
      "healthy": .bool(health.isHealthy), "targets": .array(targets),
    ]
    if let preview = self.engine.preview(upstream: health.name, Self.hashed(request)) {
      upstream["hash_input"] = preview.input.map { .string($0) } ?? .null
      upstream["hash_value"] = .string(preview.value)
      upstream["would_take"] = preview.target.map { .string($0) } ?? .null
    }
    var object = explanation
    object["balancing"] = .object(upstream)
    return object
  }

  /// The parts of the request that a hash can look at.
  private static func hashed(_ request: ExplainRequest) -> BalancingPreview.Request {
    var target = Array(request.url.utf8)[...]
    if let scheme = request.url.firstRange(of: "://") {
      let rest = request.url[scheme.upperBound...].utf8.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
      target = Array(rest)[...]
    }
    target = target.prefix { $0 != UInt8(ascii: "#") }
    let path = target.prefix { $0 != UInt8(ascii: "?") }
    let query = target.dropFirst(path.count + 1)
    return BalancingPreview.Request(
      path: path.isEmpty ? "/" : String(decoding: path, as: UTF8.self), query: String(decoding: query, as: UTF8.self),
      headers: request.headers)
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
