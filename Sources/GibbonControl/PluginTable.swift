// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema
internal import GibbonStore

/// The plugin instances of a configuration. Those whose entity did not change are taken over from the last
/// one, with whatever they count or keep.
struct PluginTable: Sendable {
  private let consumers: [Consumer]
  private let rows: [String: [JSONObject]]
  private let directory: Directory
  private var entries: [EntityID: PluginEntry] = [:]
  private let entities: [EntityID: PluginEntity]
  /// Decides which instance applies where.
  var precedence: PluginPrecedence

  /// - Throws: `ControlError` naming the plugin whose configuration an instance refused.
  init(
    _ configuration: DeclarativeConfiguration, after last: PluginTable?, registry: PluginRegistry, nodeID: EntityID
  ) throws {
    let core = Set(EntityRegistry.coreNames)
    self.consumers = configuration.consumers
    self.rows = configuration.rows.filter { !core.contains($0.key) }
    // Instances hold on to the directory: a new one means new instances.
    let last = last.flatMap { [consumers, rows] in $0.consumers == consumers && $0.rows == rows ? $0 : nil }
    self.directory =
      last?.directory
      ?? Directory(consumers: self.consumers, rows: self.rows, schemas: registry.schemas.flatMap(\.entities))
    let enabled = configuration.plugins.filter(\.isEnabled)
    for entity in enabled {
      if let known = last?.entries[entity.id], last?.entities[entity.id] == entity {
        self.entries[entity.id] = known
        continue
      }
      let environment = PluginEnvironment(plugin: entity, nodeID: nodeID, directory: self.directory)
      self.entries[entity.id] = try Self.entry(for: environment, registry)
    }
    self.entities = Dictionary(enabled.map { ($0.id, $0) }) { first, _ in first }
    self.precedence = PluginPrecedence(
      enabled.compactMap { [entries] entity in
        entries[entity.id].map { PluginPrecedence.Candidate(entity: entity, entry: $0) }
      })
  }

  private static func entry(for environment: PluginEnvironment, _ registry: PluginRegistry) throws -> PluginEntry {
    let entity = environment.plugin
    guard let descriptor = registry.descriptor(named: entity.name) else {
      throw ControlError("plugin '\(entity.name)' not enabled; add it to the 'plugins' configuration property")
    }
    do {
      return PluginEntry(id: entity.id, descriptor: descriptor, instance: try registry.make(environment))
    } catch {
      throw ControlError("plugin '\(entity.name)' (\(entity.id)) cannot be configured: \(error)")
    }
  }
}
