// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import GibbonPluginAPI

/// Ends the wait for a plugin that does not resume its request. One for each exchange that was ever suspended, used
/// again; confined to its loop.
final class SuspensionTimer: Timed {
  private weak var exchange: Exchange?

  init(_ exchange: Exchange) { self.exchange = exchange }

  override func timerFired() { self.exchange?.suspensionTimedOut() }
}

extension Exchange {
  func startSuspensionTimer() {
    let timer = self.plugins.suspensionTimer ?? SuspensionTimer(self)
    self.plugins.suspensionTimer = timer
    self.loop.schedule(timer, after: self.worker.downstreamSettings.suspensionTimeout)
  }

  func stopSuspensionTimer() {
    if let timer = self.plugins.suspensionTimer { self.loop.cancel(timer) }
  }

  /// The request is answered without the plugin. Whatever still holds its context may go on using it, so the object is
  /// not given to another request.
  func suspensionTimedOut() {
    guard self.plugins.isSuspended, self.step == .rewrite || self.step == .access else { return }
    self.plugins.isSuspended = false
    self.plugins.isLeftToPlugin = true
    let seconds = self.worker.downstreamSettings.suspensionTimeout / 1000
    self.resume(.fail("it did not resume the request within \(seconds) s"))
  }

  /// The plugin whose phase is suspended.
  var waitingPlugin: PluginEntry? {
    if let entry = self.plugins.suspendedEntry { return entry }
    let entries = self.step == .rewrite ? self.snapshot.globalChain.rewrite : self.plugins.chain.access
    return self.plugins.cursor < entries.count ? entries[self.plugins.cursor] : nil
  }
}
