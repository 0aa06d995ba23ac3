// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI

/// The walk over the plugins of a request: where it stands, who runs, and what they found out.
final class PluginRun {
  var chain = PluginChain.empty
  /// The instances that apply, where that depends on the consumer.
  private(set) var chosen: [PluginEntry] = []
  /// Slots of the chain for which that is settled.
  var chosenSlots = 0
  /// The one that suspended.
  var suspendedEntry: PluginEntry?
  /// Where the walk over a chain stands, to go on after a suspension.
  var cursor = 0
  /// What a plugin answered, sent when the walk is over.
  var answer: LocalResponse?
  /// The plugin entity whose phase is running.
  var running: EntityID?
  /// A plugin holds the right to resume: the exchange must not serve another request meanwhile.
  var isSuspended = false
  /// Which suspension that is: an older one no longer counts.
  var suspension: UInt64 = 0
  var suspensionTimer: SuspensionTimer?
  /// A plugin did not resume in time and may still hold the context.
  var isLeftToPlugin = false
  var consumer: Consumer?
  var credential: Credential?

  /// Nobody else holds on to the exchange.
  var isFree: Bool { !self.isSuspended && !self.isLeftToPlugin }

  func reset() {
    self.chain = .empty
    self.cursor = 0
  }

  func resetTraces() {
    self.consumer = nil
    self.credential = nil
    if !self.chosen.isEmpty { self.chosen = [] }
    self.chosenSlots = 0
    self.suspendedEntry = nil
    self.answer = nil
  }

  func choose(_ entry: PluginEntry) {
    var chosen: [PluginEntry] = []
    swap(&chosen, &self.chosen)
    chosen.append(entry)
    swap(&chosen, &self.chosen)
  }
}
