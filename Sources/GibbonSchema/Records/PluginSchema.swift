// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a plugin declares about itself: its configuration, where it may be attached, and the entities that
/// it brings along.
public struct PluginSchema: Sendable {
  public let name: String
  public let config: RecordSchema
  /// The protocols it runs on when the entity does not say.
  public let protocols: Protocols
  /// Where it may not be attached.
  public let forbiddenScopes: Set<Scope>
  /// Rules across the fields of the whole plugin entity; paths start at the entity, as in `config.allow`.
  public let checks: [EntityCheck]
  /// Its own entities, such as credentials.
  public let entities: [EntitySchema]
  /// What a datastore must do to keep them.
  public let migrations: [Migration]

  public enum Scope: String, Sendable, Hashable, CaseIterable {
    case route, service, consumer
  }

  /// The protocols a plugin accepts and starts with.
  public struct Protocols: Sendable, Hashable {
    public let allowed: [String]
    public let initial: [String]

    public init(allowed: [String], initial: [String]) {
      self.allowed = allowed
      self.initial = initial
    }

    private static let httpNames = ["grpc", "grpcs", "http", "https"]

    /// The HTTP family only: what most plugins take.
    public static let http = Protocols(allowed: httpNames, initial: httpNames)
    /// Every protocol, starting with the HTTP family.
    public static let all = Protocols(allowed: Field.protocolNames, initial: httpNames)
  }

  public init(
    _ name: String, config: RecordSchema, protocols: Protocols = .http, forbidding scopes: Set<Scope> = [],
    checks: [EntityCheck] = [], entities: [EntitySchema] = [], migrations: [Migration] = []
  ) {
    self.name = name
    self.config = config
    self.protocols = protocols
    self.forbiddenScopes = scopes
    self.checks = checks
    self.entities = entities
    self.migrations = migrations
  }

  public init(
    _ name: String, config: [Field], protocols: Protocols = .http, forbidding scopes: Set<Scope> = [],
    checks: [EntityCheck] = [], entities: [EntitySchema] = [], migrations: [Migration] = []
  ) {
    self.init(
      name, config: RecordSchema(config), protocols: protocols, forbidding: scopes, checks: checks,
      entities: entities, migrations: migrations)
  }

  /// How it specialises the `plugins` entity.
  public var subschema: Subschema {
    let scopes: [Field] = self.forbiddenScopes.sorted { $0.rawValue < $1.rawValue }.map { scope in
      .foreign(scope.rawValue, to: scope.rawValue + "s", .mustBeNull)
    }
    let protocols: Field = .set(
      "protocols", of: .string(.oneOf(self.protocols.allowed)), .required,
      .default(.array(self.protocols.initial.map { .string($0) })))
    return Subschema(fields: scopes + [protocols, .record("config", self.config)], checks: self.checks)
  }
}
