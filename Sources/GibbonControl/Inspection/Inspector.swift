// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
public import GibbonSchema
public import GibbonStore

/// Tries an entity out as the gateway would use it: what its references into vaults stand for must be there and fit,
/// and of a plugin an instance is made and thrown away.
public struct Inspector: EntityInspection {
  private let plugins: PluginRegistry
  private let secrets: NodeSecrets
  /// Whether plugins may count in the datastore.
  private let hasCounters: Bool

  public init(plugins: PluginRegistry, secrets: NodeSecrets, hasCounters: Bool) {
    self.plugins = plugins
    self.secrets = secrets
    self.hasCounters = hasCounters
  }

  public func needs(of entity: JSONObject, as schema: EntitySchema) -> InspectionNeeds? {
    let isPlugin = schema.name == PluginEntity.collection
    // What is switched off harms nobody, and may wait for what it needs.
    if isPlugin, entity["enabled"]?.boolValue == false { return nil }
    let references = schema.record(for: entity)?.references(in: entity) ?? []
    guard isPlugin || !references.isEmpty else { return nil }
    var needs = InspectionNeeds()
    for reference in references {
      guard let vault = try? VaultReference(reference).vault, vault != Vaults.environmentName else { continue }
      needs.vaults.insert(vault)
    }
    if isPlugin, let name = entity["config"]?["anonymous"]?.stringValue, !name.isEmpty { needs.consumers.insert(name) }
    return needs
  }

  public func faults(
    in entity: JSONObject, as schema: EntitySchema, knowing found: InspectionFindings
  ) -> RecordErrors {
    guard let record = schema.record(for: entity) else { return RecordErrors() }
    let vaults = self.secrets.vaults.adding(found.vaults.values)
    var (resolved, errors) = record.resolvingReferences(in: entity, with: vaults)
    if errors.isEmpty { errors = Self.misfits(resolved, entity, schema, record) }
    guard errors.isEmpty, schema.name == PluginEntity.collection else { return errors }
    if let name = entity["config"]?["anonymous"]?.stringValue, !name.isEmpty, found.consumers[name] == nil {
      errors.set(
        .message("anonymous consumer \(name) is configured but doesn't exist"), at: ["config", "anonymous"])
      return errors
    }
    if let reason = self.refusal(of: resolved, consumers: found.consumers) {
      errors.set(.message(reason.hiding(record.secrets(in: resolved))), at: ["config"])
    }
    return errors
  }

  /// What of the values behind references is not valid in their place.
  private static func misfits(
    _ resolved: JSONObject, _ entity: JSONObject, _ schema: EntitySchema, _ record: RecordSchema
  ) -> RecordErrors {
    guard resolved != entity else { return RecordErrors() }
    let validator = Validator(now: 0)
    guard case .failure(let failure) = validator.validate(object: resolved, as: schema) else { return RecordErrors() }
    return failure.errors.mapMessages { path, message in
      let message = message.hiding(record.secrets(in: resolved))
      guard let reference = JSONValue.object(entity).value(at: path)?.stringValue, reference.isVaultReference else {
        return message
      }
      return "the value of \(reference) does not fit: \(message)"
    }
  }

  /// Why no instance can be made.
  private func refusal(of plugin: JSONObject, consumers: [String: Consumer]) -> String? {
    guard let entity = PluginEntity(validated: plugin) else { return "the entity cannot be read" }
    let directory = TrialDirectory(consumers: consumers, hasCounters: self.hasCounters)
    let environment = PluginEnvironment(
      plugin: entity, nodeID: EntityID(high: 0, low: 0), directory: directory,
      counters: directory.counters(of: entity.name))
    do {
      _ = try self.plugins.make(environment)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

/// What an instance finds that is made only to see whether it can be.
private final class TrialDirectory: CredentialDirectory {
  private let consumers: [String: Consumer]
  private let hasCounters: Bool

  init(consumers: [String: Consumer], hasCounters: Bool) {
    self.consumers = consumers
    self.hasCounters = hasCounters
  }

  func index(of entity: String) -> any CredentialIndex { NoCredentials() }
  func consumer(idOrUsername: String) -> Consumer? { self.consumers[idOrUsername] }
  func counters(of plugin: String) -> (any SharedCounters)? { self.hasCounters ? NoCounters() : nil }
}

private final class NoCredentials: CredentialIndex {
  func find(_ key: Span<UInt8>) -> CredentialLookup { .missing }
}

/// Counts nothing.
private struct NoCounters: SharedCounters {
  func add(_ additions: [CounterAddition]) async throws -> [Int64] { additions.map { _ in 0 } }
  func values(of names: [String]) async throws -> [Int64] { names.map { _ in 0 } }
}
