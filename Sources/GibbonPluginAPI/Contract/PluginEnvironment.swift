// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel
public import GibbonSchema

/// What an instance may use of the node it runs on.
public struct PluginEnvironment: Sendable {
  /// The plugin entity this instance is for.
  public let plugin: PluginEntity
  /// This node's id.
  public let nodeID: EntityID
  /// Counters shared with the other nodes on the datastore; nil without one.
  public let counters: (any SharedCounters)?
  private let directory: any CredentialDirectory
  private let host: PluginHost

  package init(
    plugin: PluginEntity, nodeID: EntityID, directory: any CredentialDirectory,
    counters: (any SharedCounters)? = nil, host: PluginHost = PluginHost()
  ) {
    self.plugin = plugin
    self.nodeID = nodeID
    self.directory = directory
    self.counters = counters
    self.host = host
  }

  /// What the node's configuration says to all plugins.
  public var settings: PluginSettings { self.host.settings }

  /// The credentials of one of the plugin's entities, found by the value of its endpoint key.
  public func credentials(of entity: String) -> any CredentialIndex { self.directory.index(of: entity) }

  /// The entities of one of the plugins' collections by the consumer they belong to.
  public func entities(of collection: String) -> any ConsumerEntityIndex { self.directory.entities(of: collection) }

  /// A consumer by id or username, for `anonymous`.
  public func consumer(idOrUsername: String) -> Consumer? { self.directory.consumer(idOrUsername: idOrUsername) }

  /// Whether a body goes on that the plugin is configured to change and cannot read: too large, of another type,
  /// malformed. As the gateway is shipped, the request is refused.
  public var passesUnreadableBodies: Bool { self.host.settings.passesUnreadableBodies }

  /// Writes a line to the gateway's error log: `[http-log] text, plugin_id: …`, with the plugin's name in front as in
  /// Kong, and with its id and instance name. Never waits; any thread.
  public func report(_ level: ReportLevel, _ text: String) {
    let instance = self.plugin.instanceName.map { ", instance_name: \"\($0)\"" } ?? ""
    self.host.report(level, "[\(self.plugin.name)] \(text), plugin_id: \(self.plugin.id)\(instance)")
  }

  /// Has something done before the gateway stops, for as long as the registration is held. All plugins together
  /// get five seconds.
  public func beforeStop(_ ending: @escaping @Sendable () async -> Void) -> EndingRegistration {
    self.host.add(ending)
  }
}

/// Finds credentials by key. Thread-safe, never blocks.
public protocol CredentialIndex: AnyObject, Sendable {
  func find(_ key: Span<UInt8>) -> CredentialLookup
}

/// What is known of a credential now.
public enum CredentialLookup: Sendable {
  case found(Credential)
  case missing
  /// It must be read from the datastore: suspend, and hand the suspension to `completion`; the phase is
  /// then called again.
  case pending(completion: @Sendable (Suspension) -> Void)
}

/// A credential and the consumer it belongs to.
public final class Credential: Sendable {
  public let id: EntityID
  public let consumer: Consumer
  /// What services are told of it.
  package let identity: HeaderEdits
  /// The whole entity, as the Admin API shows it.
  public let fields: JSONValue

  /// - Parameter identifier: what services are told it by; nil for its id.
  package init(id: EntityID, consumer: Consumer, fields: JSONValue, identifier: String? = nil) {
    self.id = id
    self.consumer = consumer
    self.fields = fields
    self.identity = HeaderEdits.identity(of: consumer, credential: identifier ?? "\(id)")
  }
}

/// Where instances find credentials and consumers. Implemented by the control plane.
package protocol CredentialDirectory: AnyObject, Sendable {
  /// Counters in the datastore, for the plugin of that name.
  func counters(of plugin: String) -> (any SharedCounters)?
  func index(of entity: String) -> any CredentialIndex
  func entities(of collection: String) -> any ConsumerEntityIndex
  func consumer(idOrUsername: String) -> Consumer?
}

extension CredentialDirectory {
  /// None without a datastore.
  package func counters(of plugin: String) -> (any SharedCounters)? { nil }

  /// None where nothing is kept by consumer.
  package func entities(of collection: String) -> any ConsumerEntityIndex { NoConsumerEntities() }
}
