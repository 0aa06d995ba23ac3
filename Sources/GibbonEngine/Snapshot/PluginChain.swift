// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonPluginAPI

/// One configured plugin in a chain. A class, because each request walks several: a copy counts one reference instead
/// of those of all its parts.
public final class PluginEntry: Sendable {
  public let id: EntityID
  public let descriptor: PluginDescriptor
  public let instance: any Plugin

  public init(id: EntityID, descriptor: PluginDescriptor, instance: any Plugin) {
    self.id = id
    self.descriptor = descriptor
    self.instance = instance
  }

  func runs(in phase: PhaseSet) -> Bool { self.descriptor.phases.contains(phase) }
}

/// The instances of one plugin name that may apply to a route: at most one does, by who the consumer is.
public struct PluginSlot: Sendable {
  /// For requests without a consumer, or with one that has no instance of its own.
  public let fallback: PluginEntry?
  public let byConsumer: [EntityID: PluginEntry]

  public init(fallback: PluginEntry?, byConsumer: [EntityID: PluginEntry] = [:]) {
    self.fallback = fallback
    self.byConsumer = byConsumer
  }

  func entry(for consumer: EntityID?) -> PluginEntry? {
    if let consumer, let own = self.byConsumer[consumer] { return own }
    return self.fallback
  }
}

/// The plugins of a route in execution order, flattened per phase ahead of time. Immutable.
public final class PluginChain: Sendable {
  let slots: [PluginSlot]
  /// Every instance that may run, those of consumers included.
  public var entries: [PluginEntry] { self.slots.flatMap { [$0.fallback].compactMap { $0 } + $0.byConsumer.values } }
  /// Which instance runs depends on the consumer: it is chosen per request, while `access` walks the slots.
  let dependsOnConsumer: Bool
  let access: [PluginEntry]
  let headerFilter: [PluginEntry]
  let bodyFilter: [PluginEntry]
  let log: [PluginEntry]
  let rewrite: [PluginEntry]
  let wantsRequestBody: Bool
  /// Those that do, of every consumer.
  let bodyReaders: [PluginEntry]
  let mayFilterBody: Bool
  /// A plugin looks at what happened in the end.
  let mayLog: Bool

  /// What logs do not show of a request's target.
  let secretArguments: SecretArguments

  public static let empty = PluginChain(slots: [])

  /// - Parameter slots: in execution order.
  public init(slots: [PluginSlot]) {
    self.slots = slots
    self.dependsOnConsumer = slots.contains { !$0.byConsumer.isEmpty }
    let entries = slots.compactMap(\.fallback)
    self.access = entries.filter { $0.runs(in: .access) }
    self.headerFilter = entries.filter { $0.runs(in: .headerFilter) }
    self.bodyFilter = entries.filter { $0.runs(in: .bodyFilter) }
    self.log = entries.filter { $0.runs(in: .log) }
    self.rewrite = entries.filter { $0.runs(in: .rewrite) }
    let all = entries + slots.flatMap(\.byConsumer.values)
    self.bodyReaders = all.filter { $0.instance.wantsRequestBody }
    self.wantsRequestBody = !self.bodyReaders.isEmpty
    self.mayFilterBody = all.contains { $0.runs(in: .bodyFilter) }
    self.mayLog = all.contains { $0.runs(in: .log) }
    self.secretArguments = SecretArguments(all.flatMap(\.instance.secretArguments))
  }
}
