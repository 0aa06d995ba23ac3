// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonDNS
internal import GibbonIO
internal import Synchronization

/// A host name's peers, as last resolved. Confined to its loop.
final class HostAddresses {
  private struct Entry {
    let peer: Peer
    let hostField: [UInt8]
    let weight: Int
    var current = 0
  }

  let host: String
  let port: UInt16
  private var entries: [Entry] = []
  private var totalWeight = 0
  /// All weights are the same: entries are taken one after the other.
  private var isEven = true
  private var turn = 0
  private var expiresAt: UInt64 = 0
  private var usableUntil: UInt64 = 0
  private(set) var failure = ""
  var isResolving = false
  /// Exchanges that go on when the name is resolved.
  var waiting: [(exchange: Exchange, generation: UInt64)] = []

  init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  var isWaitedFor: Bool { !self.waiting.isEmpty || self.isResolving }

  func mustResolve(now: UInt64) -> Bool { now >= self.expiresAt && !self.isResolving }

  /// The next in turn and the `Host` for it; addresses that expired are used on while newer ones cannot be had.
  func next(now: UInt64) -> (peer: Peer, hostField: [UInt8])? {
    if now >= self.usableUntil { self.changeEntries { $0 = [] } }
    guard !self.entries.isEmpty else { return nil }
    if self.isEven {
      self.turn = self.turn &+ 1 < self.entries.count ? self.turn &+ 1 : 0
    } else {
      self.turn = self.nextByWeight()
    }
    return (self.entries[self.turn].peer, self.entries[self.turn].hostField)
  }

  /// Smooth weighted round-robin, as nginx does it.
  private func nextByWeight() -> Int {
    var best = 0
    self.changeEntries { entries in
      for index in entries.indices {
        entries[index].current += entries[index].weight
        if entries[index].current > entries[best].current { best = index }
      }
      entries[best].current -= self.totalWeight
    }
    return best
  }

  /// As in `Exchange+Held`.
  @inline(__always)
  private func changeEntries(_ change: (inout [Entry]) -> Void) {
    var entries: [Entry] = []
    swap(&entries, &self.entries)
    change(&entries)
    swap(&entries, &self.entries)
  }

  /// - Parameter peer: the peer at an address and port.
  func use(_ endpoints: [DNSEndpoint], from answer: DNSAnswer, peer: (SocketAddress) -> Peer) {
    self.entries = endpoints.map { endpoint in
      let port = endpoint.port ?? self.port
      return Entry(
        peer: peer(.internet(endpoint.address, port: port)),
        hostField: Array(HostText.authority(self.host, port: port, isEncrypted: false).utf8),
        weight: endpoint.weight ?? 1)
    }
    self.totalWeight = self.entries.reduce(0) { $0 + $1.weight }
    self.isEven =
      self.totalWeight == self.entries.count * (self.entries.first?.weight ?? 0)
      && self.entries.allSatisfy { $0.weight == self.entries[0].weight }
    self.expiresAt = answer.expiresAt
    self.usableUntil = answer.usableUntil
    self.failure = ""
  }

  /// The resolver keeps what may be used on: nothing may any more.
  func failed(_ reason: String, until expiry: UInt64) {
    self.entries = []
    self.failure = reason
    self.expiresAt = expiry
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
