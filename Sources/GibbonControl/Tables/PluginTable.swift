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
  /// What references were resolved with last.
  private var vaults = Vaults()
  /// The entities with references, and the configurations with what those stood for; nil where one stood for nothing.
  private var resolved: [EntityID: JSONObject?] = [:]

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
  struct Prepared {
    let candidates: [EntityID: PluginPrecedence.Candidate?]
    fileprivate let vaults: Vaults
    fileprivate let resolved: [EntityID: JSONObject?]
  }

  /// Makes instances of changed entities, and of those whose references stand for something else now.
  ///
  /// - Throws: `ControlError` naming the plugin whose configuration an instance refused.
  func prepared(_ changes: [EntityID: PluginEntity?], _ vaults: Vaults) throws -> Prepared {
    var resolved = self.resolved
    var changes = changes
    for (id, former) in self.resolved where vaults != self.vaults && changes[id] == nil {
      guard let entity = self.candidates[id]?.entity, (try? self.configuration(of: entity, vaults)) != former
      else { continue }
      changes[id] = entity
    }
    let candidates = try changes.mapValues { entity -> PluginPrecedence.Candidate? in
      guard let entity else { return nil }
      return PluginPrecedence.Candidate(entity: entity, entry: try self.entry(for: entity, vaults))
    }
    for (id, entity) in changes {
      resolved[id] = nil
      guard let entity, self.hasReferences(entity) else { continue }
      resolved.updateValue(try? self.configuration(of: entity, vaults), forKey: id)
    }
    return Prepared(candidates: candidates, vaults: vaults, resolved: resolved)
  }

  /// - Returns: which routes need their chains anew.
  mutating func apply(_ prepared: Prepared) -> PluginPrecedence.Reach {
    self.vaults = prepared.vaults
    self.resolved = prepared.resolved
    var reach = PluginPrecedence.Reach()
    for (id, candidate) in prepared.candidates {
      if let old = self.candidates[id] { self.precedence.remove(old.entity, reach: &reach) }
      if let candidate { self.precedence.add(candidate, reach: &reach) }
      self.candidates[id] = candidate
    }
    return reach
  }

  private func hasReferences(_ entity: PluginEntity) -> Bool {
    guard let record = self.makers.descriptor(named: entity.name)?.schema.config, record.isReferenceable else {
      return false
    }
    return !record.references(in: entity.config.objectValue ?? [:]).isEmpty
  }

  /// An entity's configuration with what its references stand for.
  private func configuration(of entity: PluginEntity, _ vaults: Vaults) throws -> JSONObject {
    let config = entity.config.objectValue ?? [:]
    guard let record = self.makers.descriptor(named: entity.name)?.schema.config else { return config }
    let (object, errors) = record.resolvingReferences(in: config, with: vaults)
    guard errors.isEmpty else { throw ControlError(errors.message) }
    return object
  }

  private func entry(for entity: PluginEntity, _ vaults: Vaults) throws -> PluginEntry {
    var used = entity
    do {
      guard let descriptor = self.makers.descriptor(named: entity.name) else {
        throw ControlError("plugin '\(entity.name)' not enabled; add it to the 'plugins' configuration property")
      }
      if descriptor.schema.config.isReferenceable {
        used.config = .object(try self.configuration(of: entity, vaults))
      }
      let environment = PluginEnvironment(
        plugin: used, nodeID: self.nodeID, directory: self.directory,
        counters: self.directory.counters(of: entity.name), host: self.host)
      return PluginEntry(id: entity.id, descriptor: descriptor, instance: try self.makers.make(environment))
    } catch {
      let known = self.makers.descriptor(named: entity.name)
      let secrets = known?.schema.config.secrets(in: used.config.objectValue ?? [:]) ?? []
      let reason = "plugin '\(entity.name)' (\(entity.id)) cannot be configured: \("\(error)".hiding(secrets))"
      guard self.failure == .failClosed else { throw ControlError(reason) }
      return FailedPlugin.entry(for: entity, known, reason: reason)
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
