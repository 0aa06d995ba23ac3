// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonDNS
internal import Synchronization

/// A host name's peers, as last resolved. Confined to its loop.
final class HostAddresses {
  let host: String
  let port: UInt16
  /// `host` or `host:port`.
  let hostHeader: [UInt8]
  private var peers: [Peer] = []
  private var turn = 0
  private var expiresAt: UInt64 = 0
  private(set) var failure = ""
  var isResolving = false
  /// Exchanges that go on when the name is resolved.
  var waiting: [(exchange: Exchange, generation: UInt64)] = []

  init(host: String, port: UInt16) {
    self.host = host
    self.port = port
    self.hostHeader = Array(HostText.authority(host, port: port, isEncrypted: false).utf8)
  }

  var isWaitedFor: Bool { !self.waiting.isEmpty || self.isResolving }

  func mustResolve(now: UInt64) -> Bool { now >= self.expiresAt && !self.isResolving }

  /// The next in turn; addresses that expired are used on while newer ones cannot be had.
  func nextPeer(now: UInt64, staleTime: UInt64) -> Peer? {
    guard !self.peers.isEmpty else { return nil }
    if self.expiresAt != .max, now > self.expiresAt &+ staleTime, !self.isResolving { self.peers = [] }
    guard !self.peers.isEmpty else { return nil }
    self.turn = self.turn &+ 1 < self.peers.count ? self.turn &+ 1 : 0
    return self.peers[self.turn]
  }

  func use(_ peers: [Peer], until expiry: UInt64) {
    self.peers = peers
    self.expiresAt = expiry
    self.failure = ""
  }

  /// Addresses known from before stay in use.
  func failed(_ reason: String, until expiry: UInt64) {
    self.failure = reason
    self.expiresAt = expiry
  }
}

/// The hosts of a service and their weights: smooth weighted round-robin, as nginx does it. Confined to its
/// loop.
final class EndpointSet {
  private struct Entry {
    let host: HostAddresses
    let weight: Int
    var current = 0
  }

  private var entries: [Entry]
  private let total: Int
  var service: ServiceRuntime?

  init(_ hosts: [(HostAddresses, Int)]) {
    self.entries = hosts.map { Entry(host: $0.0, weight: $0.1) }
    self.total = hosts.reduce(0) { $0 + $1.1 }
  }

  func next() -> HostAddresses? {
    guard self.entries.count > 1 else { return self.entries.first?.host }
    var entries: [Entry] = []
    swap(&entries, &self.entries)
    var best = 0
    for index in entries.indices {
      entries[index].current += entries[index].weight
      if entries[index].current > entries[best].current { best = index }
    }
    entries[best].current -= self.total
    let host = entries[best].host
    swap(&entries, &self.entries)
    return host
  }
}

/// Tells an answer given before `resolve` returned from one that comes later, on another thread.
final class InlineAnswer: Sendable {
  private struct State {
    var answer: DNSAnswer?
    var isOpen = true
  }

  private let state = Mutex(State())

  /// Whether the caller is still there to take the answer.
  func deliver(_ answer: DNSAnswer) -> Bool {
    self.state.withLock { state in
      guard state.isOpen else { return false }
      state.answer = answer
      return true
    }
  }

  func close() -> DNSAnswer? {
    self.state.withLock { state in
      state.isOpen = false
      return state.answer
    }
  }
}
