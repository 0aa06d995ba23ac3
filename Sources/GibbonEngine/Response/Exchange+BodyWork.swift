// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonIO
internal import GibbonPluginAPI

/// The end of a response's body that a plugin has made by a helper thread. The service's response has been read by
/// then, so nothing arrives for it meanwhile; the client may go.
extension Exchange {
  /// Runs the last part of a body through the plugins, here and where they want it done, then ends the response.
  ///
  /// - Parameter start: the first of the plugins.
  func finishBody(_ part: BodyPart, from start: Int = 0) {
    var part = part
    if let next = self.runBodyFilter(&part, from: start), let work = part.work {
      return self.makeElsewhere(work, next: next)
    }
    if self.response.isStarted { self.endFilteredResponse(part) } else { self.endLocal(part) }
  }

  private func makeElsewhere(_ work: @escaping BodyPart.Work, next: Int) {
    self.step = .making
    self.plugins.isSuspended = true
    self.plugins.suspension &+= 1
    let token = self.plugins.suspension
    // What is written already goes on its way.
    self.client.uncork()
    // Safety: used only inside the closure that runs on this exchange's own loop. It is held so that it serves no other
    // request before the work is done, even when the client has gone.
    nonisolated(unsafe) let confined = self
    let handle = self.loop.handle
    let isTaken = HelperThreads.shared.run {
      let outcome = work()
      handle.execute { _ in
        let exchange = unsafe confined
        guard exchange.plugins.isSuspended, exchange.plugins.suspension == token else { return }
        exchange.plugins.isSuspended = false
        if exchange.step == .making { exchange.bodyMade(outcome, next: next) }
      }
    }
    guard !isTaken else { return }
    self.plugins.isSuspended = false
    self.bodyMade(BodyPart.Outcome(bytes: nil, warning: "too many bodies wait to be changed"), next: next)
  }

  private func bodyMade(_ outcome: BodyPart.Outcome, next: Int) {
    if let warning = outcome.warning { self.log(.warn, warning) }
    var part = BodyPart(bytes: outcome.bytes ?? .init(), isLast: true)
    if outcome.bytes == nil { part.refuse() }
    self.finishBody(part, from: next)
  }
}
