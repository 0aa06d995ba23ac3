// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonModel
public import GibbonSchema

/// A whole configuration from a declarative file: complete, validated, references resolved.
public struct DeclarativeConfiguration: Sendable {
  public internal(set) var services: [Service] = []
  public internal(set) var routes: [Route] = []
  public internal(set) var consumers: [Consumer] = []
  public internal(set) var plugins: [PluginEntity] = []
  public internal(set) var upstreams: [Upstream] = []
  public internal(set) var targets: [Target] = []
  public internal(set) var certificates: [Certificate] = []
  public internal(set) var snis: [SNI] = []
  public internal(set) var caCertificates: [CACertificate] = []
  public internal(set) var keys: [Key] = []
  public internal(set) var keySets: [KeySet] = []
  public internal(set) var vaults: [Vault] = []
  /// At least `default`.
  public internal(set) var workspaces: [Workspace] = []

  /// Every entity as a complete JSON object, by collection, those of plugins included.
  public internal(set) var rows: [String: [JSONObject]] = [:]
  /// MD5 of the file's bytes in lower-case hexadecimal, Kong's `configuration_hash`.
  public internal(set) var hash: String
  /// As the file says: 1.1, 2.1 or 3.0.
  public internal(set) var formatVersion: String
  public internal(set) var warnings: [DeclarativeProblem] = []

  /// Entities in all collections.
  public var count: Int { self.rows.values.reduce(0) { $0 + $1.count } }

  init(hash: String, formatVersion: String) {
    self.hash = hash
    self.formatVersion = formatVersion
  }

  /// Adds an entity to its collection, as JSON and as a Swift type.
  mutating func append(_ object: JSONObject, to collection: String) {
    self.rows[collection, default: []].append(object)
    switch collection {
    case Service.collection: Self.append(object, to: &self.services)
    case Route.collection: Self.append(object, to: &self.routes)
    case Consumer.collection: Self.append(object, to: &self.consumers)
    case PluginEntity.collection: Self.append(object, to: &self.plugins)
    case Upstream.collection: Self.append(object, to: &self.upstreams)
    case Target.collection: Self.append(object, to: &self.targets)
    case Certificate.collection: Self.append(object, to: &self.certificates)
    case SNI.collection: Self.append(object, to: &self.snis)
    case CACertificate.collection: Self.append(object, to: &self.caCertificates)
    case Key.collection: Self.append(object, to: &self.keys)
    case KeySet.collection: Self.append(object, to: &self.keySets)
    case Vault.collection: Self.append(object, to: &self.vaults)
    case Workspace.collection: Self.append(object, to: &self.workspaces)
    default: break
    }
  }

  private static func append<Value: Entity>(_ object: JSONObject, to values: inout [Value]) {
    if let value = Value(validated: object) { values.append(value) }
  }
}
