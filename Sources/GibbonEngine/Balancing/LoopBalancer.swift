// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonIO
internal import Synchronization

/// An upstream as one loop uses it: the last view it saw, and this loop's peers by entry. Confined to its loop.
final class LoopBalancer {
  let balancer: UpstreamBalancer
  private(set) var view: BalancerView
  private var version: Int
  private var peers: [Peer?]
  /// Exchanges that go on with the next view.
  var waiting: [(exchange: Exchange, generation: UInt64)] = []
  var isAsking = false

  init(_ balancer: UpstreamBalancer) {
    self.balancer = balancer
    self.version = balancer.version.load(ordering: .acquiring)
    self.view = balancer.view
    self.peers = Array(repeating: nil, count: self.view.table.entries.count)
  }

  /// Sees to it that the view is the last one.
  func refresh() {
    let version = self.balancer.version.load(ordering: .acquiring)
    guard version != self.version else { return }
    self.version = version
    self.view = self.balancer.view
    self.peers = Array(repeating: nil, count: self.view.table.entries.count)
  }

  /// - Parameter make: the peer at an address.
  func peer(_ entry: Int, _ make: (SocketAddress) -> Peer) -> Peer {
    if let known = self.peers[entry] { return known }
    let peer = make(self.view.socketAddress(of: entry))
    var peers: [Peer?] = []
    swap(&peers, &self.peers)
    peers[entry] = peer
    swap(&peers, &self.peers)
    return peer
  }
}
