// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A node, as the cluster describes it.
struct HostInfo: Sendable, Hashable {
  var address: String
  var datacenter: String?
  var rack: String?
  var tokens: [Int64] = []
}

/// How a keyspace is spread over the nodes.
enum Replication: Sendable, Hashable {
  case simple(Int)
  case network([String: Int])

  /// From the map in `system_schema.keyspaces`, keys and values in turn; nil for what is not known.
  init?(_ map: [String]) {
    var options: [String: String] = [:]
    for index in stride(from: 0, to: map.count - 1, by: 2) { options[map[index]] = map[index + 1] }
    guard let name = options.removeValue(forKey: "class")?.split(separator: ".").last else { return nil }
    // `3/1` has a transient replica, which has no business of ours.
    let counts = options.compactMapValues { $0.split(separator: "/").first.flatMap { Int($0) } }
    switch name {
    case "SimpleStrategy":
      guard let factor = counts["replication_factor"] else { return nil }
      self = .simple(factor)
    case "NetworkTopologyStrategy": self = .network(counts)
    default: return nil
    }
  }
}

/// Where a row is, wherever its nodes are.
struct RowPlace: Sendable, Hashable {
  var keyspace: String
  var token: Int64
}

/// The nodes of a cluster, and which of them have what.
struct Topology: Sendable {
  let hosts: [HostInfo]
  /// Of the keyspaces that are known.
  let replications: [String: Replication]
  /// By token; the host is an index of `hosts`.
  private let ring: [(token: Int64, host: Int)]

  init(hosts: [HostInfo] = [], replications: [String: Replication] = [:]) {
    self.hosts = hosts
    self.replications = replications
    self.ring = hosts.enumerated()
      .flatMap { index, host in host.tokens.map { (token: $0, host: index) } }
      .sorted { $0.token < $1.token }
  }

  /// The hosts that have a row, the first one first. None if it is not known.
  func replicas(_ place: RowPlace) -> [HostInfo] {
    guard let replication = self.replications[place.keyspace], !self.ring.isEmpty else { return [] }
    // The first node at or behind the token has it; behind the last comes the first.
    var (low, high) = (0, self.ring.count)
    while low < high {
      let middle = (low + high) / 2
      if self.ring[middle].token < place.token { low = middle + 1 } else { high = middle }
    }
    let (ring, start) = (self.ring, low)
    let walk = ring.indices.lazy.map { ring[(start + $0) % ring.count].host }
    switch replication {
    case .simple(let factor): return Self.distinct(walk, factor).map { self.hosts[$0] }
    case .network(let factors): return self.spread(walk, factors).map { self.hosts[$0] }
    }
  }

  private static func distinct(_ walk: some Sequence<Int>, _ factor: Int) -> [Int] {
    var found: [Int] = []
    for host in walk {
      if found.count >= factor { break }
      if !found.contains(host) { found.append(host) }
    }
    return found
  }

  /// What a data centre still wants.
  private struct Place {
    var wanted: Int
    var racks: Int
    var seen: Set<String> = []
    var passed: [Int] = []
  }

  /// In each data centre hosts of different racks as long as there are any, then those that were passed over.
  private func spread(_ walk: some Sequence<Int>, _ factors: [String: Int]) -> [Int] {
    var places: [String: Place] = [:]
    for (name, factor) in factors {
      let inside = self.hosts.filter { $0.datacenter == name }
      places[name] = Place(wanted: min(factor, inside.count), racks: Set(inside.map { $0.rack ?? "" }).count)
    }
    var found: [Int] = []
    for host in walk {
      if places.values.allSatisfy({ $0.wanted <= 0 }) { break }
      let info = self.hosts[host]
      guard let name = info.datacenter, var place = places[name], place.wanted > 0, !found.contains(host),
        !place.passed.contains(host)
      else { continue }
      let rack = info.rack ?? ""
      if place.seen.contains(rack), place.seen.count < place.racks {
        place.passed.append(host)
      } else {
        found.append(host)
        place.wanted -= 1
        place.seen.insert(rack)
        while place.seen.count == place.racks, place.wanted > 0, !place.passed.isEmpty {
          found.append(place.passed.removeFirst())
          place.wanted -= 1
        }
      }
      places[name] = place
    }
    return found
  }
}
