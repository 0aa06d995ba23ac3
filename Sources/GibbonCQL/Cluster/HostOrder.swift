// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// In which order the nodes are asked.
struct HostOrder: Sendable {
  var balancing: CQLBalancing
  var localDatacenter: String?

  /// Replicas of `place` before others, those of the local data centre before others where the policy says so; which
  /// comes first among equals changes with `turn`.
  func hosts(_ topology: Topology, place: RowPlace?, turn: Int) -> [String] {
    let replicas = Set(place.map { topology.replicas($0).map(\.address) } ?? [])
    var classes: [[String]] = [[], [], [], []]
    for host in topology.hosts {
      let isFar = self.balancing.prefersDatacenter && host.datacenter != self.localDatacenter
      classes[(isFar ? 2 : 0) + (replicas.contains(host.address) ? 0 : 1)].append(host.address)
    }
    return classes.flatMap { Self.rotated($0, turn) }
  }

  private static func rotated(_ hosts: [String], _ turn: Int) -> [String] {
    guard hosts.count > 1 else { return hosts }
    let start = Int(UInt(bitPattern: turn) % UInt(hosts.count))
    return Array(hosts[start...] + hosts[..<start])
  }
}
