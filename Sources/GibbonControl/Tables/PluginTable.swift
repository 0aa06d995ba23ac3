// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema

/// The plugin instances of a configuration. Those whose entity did not change are taken over from the last
/// one, with whatever they count or keep.
struct PluginTable: Sendable {
  private var candidates: [EntityID: PluginPrecedence.Candidate] = [:]
  /// Decides which instance applies where.
  var precedence = PluginPrecedence()
  private let makers: PluginRegistry
  private let nodeID: EntityID
  private let directory: any CredentialDirectory
  private let host: PluginHost
  /// What is done with an entity that cannot be configured.
  private let failure: PluginFailure

  init(
    _ makers: PluginRegistry, nodeID: EntityID, directory: any CredentialDirectory, host: PluginHost,
    failure: PluginFailure
  ) {
    self.makers = makers
    self.nodeID = nodeID
    self.directory = directory
    self.host = host
    self.failure = failure
  }

  /// The instances that a change needs; nothing is changed yet.
  ///
  /// - Throws: `ControlError` naming the plugin whose configuration an instance refused.
  func prepared(_ changes: [EntityID: PluginEntity?]) throws -> [EntityID: PluginPrecedence.Candidate?] {
    try changes.mapValues { entity in
      try entity.map { PluginPrecedence.Candidate(entity: $0, entry: try self.entry(for: $0)) }
    }
  }

  /// - Returns: which routes need their chains anew.
  mutating func apply(_ prepared: [EntityID: PluginPrecedence.Candidate?]) -> PluginPrecedence.Reach {
    var reach = PluginPrecedence.Reach()
    for (id, candidate) in prepared {
      if let old = self.candidates[id] { self.precedence.remove(old.entity, reach: &reach) }
      if let candidate { self.precedence.add(candidate, reach: &reach) }
      self.candidates[id] = candidate
    }
    return reach
  }

  private func entry(for entity: PluginEntity) throws -> PluginEntry {
    do {
      guard let descriptor = self.makers.descriptor(named: entity.name) else {
        throw ControlError("plugin '\(entity.name)' not enabled; add it to the 'plugins' configuration property")
      }
      let environment = PluginEnvironment(
        plugin: entity, nodeID: self.nodeID, directory: self.directory,
        counters: self.directory.counters(of: entity.name), host: self.host)
      return PluginEntry(id: entity.id, descriptor: descriptor, instance: try self.makers.make(environment))
    } catch {
      let reason = "plugin '\(entity.name)' (\(entity.id)) cannot be configured: \(error)"
      guard self.failure == .failClosed else { throw ControlError(reason) }
      return FailedPlugin.entry(for: entity, self.makers.descriptor(named: entity.name), reason: reason)
    }
  }

  /// What is wrong with entities that could not be configured.
  var warnings: [String] {
    self.candidates.values.compactMap { ($0.entry.instance as? FailedPlugin)?.reason }.sorted()
  }
}

/// What becomes of a configuration with a plugin that cannot be configured.
public enum PluginFailure: Sendable, Hashable {
  /// The whole configuration is refused.
  case refuse
  /// Requests that the plugin applies to are answered with 500; all others go on.
  case failClosed
}

/// Stands where a plugin should be that could not be configured, so that nothing passes unguarded.
final class FailedPlugin: Plugin {
  struct Configuration: Decodable, Sendable {}

  static let descriptor = PluginDescriptor(
    version: "0.0.0", priority: 0, phases: .access, schema: PluginSchemaOfNothing.schema)

  let reason: String

  init(reason: String) { self.reason = reason }

  init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.reason = "plugin '\(environment.plugin.name)' is not available"
  }

  func access(_ context: RequestContext) throws -> PhaseAction { throw ControlError(self.reason) }

  /// An entry at the plugin's own place in the order.
  static func entry(for entity: PluginEntity, _ known: PluginDescriptor?, reason: String) -> PluginEntry {
    let descriptor = PluginDescriptor(
      version: known?.version ?? "0.0.0", priority: known?.priority ?? Int.max, phases: .access,
      schema: known?.schema ?? PluginSchemaOfNothing.schema(entity.name))
    return PluginEntry(id: entity.id, descriptor: descriptor, instance: FailedPlugin(reason: reason))
  }
}

/// A plugin that nobody knows has no configuration.
private enum PluginSchemaOfNothing {
  static let schema = Self.schema("failed")

  static func schema(_ name: String) -> PluginSchema { PluginSchema(name, config: []) }
}
