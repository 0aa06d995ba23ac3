// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonStore

/// The services that can be reached, each with its place in the snapshot.
struct ServiceTable {
  private var runtimes: [EntityID: ServiceRuntime] = [:]
  private(set) var warnings: [String] = []
  private(set) var count = 0

  init(_ configuration: DeclarativeConfiguration) {
    let upstreams = Dictionary(configuration.upstreams.map { ($0.name, $0) }) { first, _ in first }
    let targets = Dictionary(grouping: configuration.targets) { $0.upstream }
    for service in configuration.services where service.isEnabled {
      if let upstream = upstreams[service.host] {
        if upstream.algorithm != .roundRobin {
          self.warnings.append(
            "upstream '\(upstream.name)': algorithm '\(upstream.algorithm.rawValue)' is not available in this version "
              + "of Gibbon; its targets are used in weighted turns")
        }
        let endpoints = (targets[upstream.id] ?? []).compactMap(Self.endpoint)
        self.add(
          ServiceRuntime(entity: service, slot: self.count, endpoints: endpoints, hostHeader: upstream.hostHeader))
      } else {
        let endpoint = UpstreamEndpoint(host: service.host, port: UInt16(clamping: service.port))
        self.add(ServiceRuntime(entity: service, slot: self.count, endpoints: [endpoint], hostHeader: nil))
      }
    }
  }

  private mutating func add(_ runtime: ServiceRuntime) {
    self.runtimes[runtime.entity.id] = runtime
    self.count += 1
  }

  subscript(id: EntityID) -> ServiceRuntime? { self.runtimes[id] }

  /// `host:port`, port 8000 when a target names none.
  private static func endpoint(_ target: Target) -> UpstreamEndpoint? {
    let text = target.target
    let closing = text.lastIndex(of: "]")
    guard let colon = text.lastIndex(of: ":"), closing.map({ colon > $0 }) ?? true else {
      return UpstreamEndpoint(host: text, port: 8000, weight: target.weight)
    }
    guard let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    return UpstreamEndpoint(host: String(text[..<colon]), port: port, weight: target.weight)
  }
}
