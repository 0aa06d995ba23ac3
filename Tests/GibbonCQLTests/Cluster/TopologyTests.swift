// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import GibbonCore
import Testing

@Suite struct TopologyTests {
  private func host(_ name: String, _ datacenter: String, _ rack: String, _ tokens: Int64...) -> HostInfo {
    HostInfo(address: name, datacenter: datacenter, rack: rack, tokens: tokens)
  }

  private var hosts: [HostInfo] {
    [
      self.host("a", "x", "r1", 0, 100), self.host("b", "x", "r1", 10), self.host("c", "x", "r2", 20),
      self.host("d", "y", "r1", 15),
    ]
  }

  private func replicas(_ replication: Replication?, _ token: Int64) -> [String] {
    Topology(hosts: self.hosts, replications: replication.map { ["k": $0] } ?? [:])
      .replicas(RowPlace(keyspace: "k", token: token)).map(\.address)
  }

  @Test func `a simple strategy takes the next nodes of the ring`() {
    #expect(self.replicas(.simple(2), 5) == ["b", "d"])
    #expect(self.replicas(.simple(1), 10) == ["b"])
    #expect(self.replicas(.simple(1), 101) == ["a"])
    #expect(self.replicas(.simple(3), 21) == ["a", "b", "d"])
    #expect(self.replicas(.simple(99), 0).count == 4)
    #expect(self.replicas(nil, 0) == [])
  }

  @Test func `a network strategy takes other racks first, in each data centre`() {
    #expect(self.replicas(.network(["x": 2]), 0) == ["a", "c"])
    #expect(self.replicas(.network(["x": 3]), 0) == ["a", "c", "b"])
    #expect(self.replicas(.network(["x": 1, "y": 1]), 11) == ["d", "c"])
    #expect(self.replicas(.network(["z": 3]), 0) == [])
  }

  @Test func `replication is read from its map`() {
    let prefix = "org.apache.cassandra.locator."
    #expect(Replication(["class", prefix + "SimpleStrategy", "replication_factor", "3"]) == .simple(3))
    #expect(
      Replication(["class", prefix + "NetworkTopologyStrategy", "x", "3", "y", "2/1"]) == .network(["x": 3, "y": 2]))
    #expect(Replication(["class", prefix + "LocalStrategy"]) == nil)
    #expect(Replication(["class"]) == nil)
    #expect(Replication([]) == nil)
  }

  @Test func `replicas come first, far data centres last, and equals in turn`() {
    let topology = Topology(hosts: self.hosts, replications: ["k": .simple(2)])
    let place = RowPlace(keyspace: "k", token: 5)
    let near = HostOrder(balancing: .dcAwareRoundRobin, localDatacenter: "x")
    #expect(near.hosts(topology, place: place, turn: 0) == ["b", "a", "c", "d"])
    #expect(near.hosts(topology, place: place, turn: 1) == ["b", "c", "a", "d"])
    let any = HostOrder(balancing: .roundRobin, localDatacenter: nil)
    #expect(any.hosts(topology, place: place, turn: 0) == ["b", "d", "a", "c"])
    #expect(Set((0..<4).map { any.hosts(topology, place: nil, turn: $0).first }).count == 4)
    #expect(any.hosts(topology, place: nil, turn: .min).count == 4)
    #expect(any.hosts(Topology(), place: nil, turn: 1) == [])
  }

  @Test func `nodes are read from the system tables`() {
    let id = CQLValue.uuid(.random())
    let local = CQLRows(
      columns: ["data_center", "rack", "tokens"], rows: [[.text("x"), .text("r"), .texts(["-5", "junk", "7"])]])
    let peers = CQLRows(
      columns: ["peer", "rpc_address", "data_center", "rack", "tokens", "host_id"],
      rows: [
        [.text("10.0.0.2"), .text("0.0.0.0"), .text("x"), .text("r"), .texts(["1"]), id],
        [.text("10.0.0.3"), .text("10.1.0.3"), .text("y"), .text("r"), .null, id],
        // What is left of a node that is gone, and ourselves.
        [.text("10.0.0.4"), .null, .null, .null, .null, .null],
        [.text("10.0.0.1"), .text("10.0.0.1"), .null, .null, .null, id],
      ])
    let hosts = Hosts.read(local: local, address: "10.0.0.1", peers: peers)
    #expect(hosts.map(\.address) == ["10.0.0.1", "10.0.0.2", "10.1.0.3"])
    #expect(hosts.map(\.tokens) == [[-5, 7], [1], []])
    #expect(hosts.map(\.datacenter) == ["x", "x", "y"])
  }
}
