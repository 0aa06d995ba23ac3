// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonDNS
internal import GibbonIO
internal import GibbonModel
internal import Synchronization

/// The upstreams of this node: balancers by id, which outlive snapshots. Thread-safe.
final class UpstreamRegistry: Sendable {
  private struct State {
    var balancers: [EntityID: UpstreamBalancer] = [:]
    var served = UpstreamSet()
  }

  private let state = Mutex(State())
  /// Held while a snapshot is taken over.
  private let applying = Mutex(0)
  private let resolver: Resolver
  private let errorLog: ErrorLog
  /// Where addresses are probed: a balancer's place among them is told by its id.
  private let loops = Mutex<[LoopHandle]>([])

  init(resolver: Resolver, errorLog: ErrorLog) {
    self.resolver = resolver
    self.errorLog = errorLog
  }

  /// The loops there are, before the first snapshot is used.
  func use(_ loops: [LoopHandle]) { self.loops.withLock { $0 = loops } }

  func balancer(_ id: EntityID) -> UpstreamBalancer? { self.state.withLock { $0.balancers[id] } }

  var all: [UpstreamBalancer] { self.state.withLock { Array($0.balancers.values) } }

  /// Takes over the upstreams of a snapshot; when this returns, every loop balances by them.
  func use(_ upstreams: UpstreamSet) { self.applying.withLock { _ in self.apply(upstreams) } }

  private func apply(_ upstreams: UpstreamSet) {
    let changes = self.state.withLock { state in
      defer { state.served = upstreams }
      return upstreams.changes(since: state.served)
    }
    // A snapshot that was made from nothing has everything at other places.
    let kept = Set(changes.compactMap { $0.new?.entity.id })
    for change in changes {
      guard let old = change.old, !kept.contains(old.entity.id) else { continue }
      self.state.withLock { $0.balancers.removeValue(forKey: old.entity.id) }?.end()
    }
    for change in changes {
      guard let new = change.new else { continue }
      if let known = self.balancer(new.entity.id) {
        if !known.view.runtime.isSame(as: new) { known.use(new) }
      } else {
        self.add(new)
      }
    }
  }

  private func add(_ upstream: UpstreamRuntime) {
    let balancer = UpstreamBalancer(upstream, resolver: self.resolver, errorLog: self.errorLog)
    balancer.use(upstream)
    self.state.withLock { $0.balancers[upstream.entity.id] = balancer }
    let loops = self.loops.withLock { $0 }
    guard !loops.isEmpty else { return }
    let loop = loops[Int(upstream.entity.id.low % UInt64(loops.count))]
    let id = upstream.entity.id
    balancer.observe { [weak balancer] view in
      let held = balancer
      loop.execute { loop in (loop.owner as? Worker)?.probe(id, held, view) }
    }
  }

  /// Ends what loops are told.
  func end() {
    for balancer in self.all { balancer.end() }
  }
}

extension Clock {
  /// Of the monotonic clock.
  static var milliseconds: UInt64 { Self.monotonicMicroseconds / 1000 }
}
