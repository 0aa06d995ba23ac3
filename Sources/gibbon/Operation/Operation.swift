// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import Glibc

/// A gateway that serves, from its first request to its end: carries out what `Lifecycle` decides.
///
/// What takes time (a reload, a drain, the end) happens on threads of its own, so that signals are always answered.
struct Operation {
  private let node: RunningNode
  private let prefix: String
  private let reload: @Sendable ((Configuration) throws -> String) throws -> String
  private let events = EventQueue()

  init(
    _ node: RunningNode, prefix: String,
    reload: @escaping @Sendable ((Configuration) throws -> String) throws -> String
  ) {
    self.node = node
    self.prefix = prefix
    self.reload = reload
  }

  /// - Returns: when the gateway has ended.
  func run() throws {
    let events = self.events
    _ = try SystemThread(name: "gibbon-signals") {
      while true { events.add(.signal(Signal.next())) }
    }
    var lifecycle = Lifecycle(drainSeconds: self.node.drainSeconds)
    while true {
      let event = events.next(until: lifecycle.deadline)
      for action in lifecycle.decide(event, at: .now) {
        if action == .exit { return }
        try self.carryOut(action)
      }
    }
  }

  private func carryOut(_ action: Lifecycle.Action) throws {
    let (node, events) = (self.node, self.events)
    switch action {
    case .reload: try self.applyReload()
    case .refuseReload:
      ReloadStatus.write(.refused(reason: "the gateway is about to end"), prefix: self.prefix)
    case .reopenLogs: node.reopenLogs()
    case .announceEnd: node.announceEnd()
    case .drain:
      _ = try SystemThread(name: "gibbon-drain") {
        node.drain()
        events.add(.drained)
      }
    case .endTunnels: _ = try SystemThread(name: "gibbon-tunnels") { node.endTunnels() }
    case .stop(let cause):
      _ = try SystemThread(name: "gibbon-stop") {
        node.stop(cause)
        events.add(.stopped)
      }
    case .exit: break
    }
  }

  private func applyReload() throws {
    let (node, events, prefix, reload) = (self.node, self.events, self.prefix, self.reload)
    _ = try SystemThread(name: "gibbon-reload") {
      do {
        let hash = try reload { try node.apply($0) }
        ReloadStatus.write(.applied(hash: hash), prefix: prefix)
        ProcessLimits.tidyHeap()
      } catch {
        node.report("reload refused, the previous configuration goes on serving: \(error)")
        ReloadStatus.write(.refused(reason: "\(error)"), prefix: prefix)
      }
      events.add(.reloaded)
    }
  }
}
