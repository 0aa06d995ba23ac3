// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
public import GibbonStore

/// The entities that traffic depends on, typed, by id. Consumers and credentials are not among them: they are looked
/// up when a request names one.
public struct EntityTables: Sendable {
  var services: [EntityID: Service] = [:]
  var routes: [EntityID: Route] = [:]
  /// Enabled ones.
  var plugins: [EntityID: PluginEntity] = [:]
  var upstreams: [EntityID: Upstream] = [:]
  var targets: [EntityID: Target] = [:]
  var certificates: [EntityID: Certificate] = [:]
  var snis: [EntityID: SNI] = [:]
  var authorities: [EntityID: CACertificate] = [:]
  /// What references name.
  var vaults: [EntityID: Vault] = [:]
  /// Those that cannot be read, by id.
  var damaged: [EntityID: Damaged] = [:]

  init() {}

  /// The collections that a store is asked for.
  public static let collections = [
    Service.collection, Route.collection, PluginEntity.collection, Upstream.collection, Target.collection,
    Certificate.collection, SNI.collection, CACertificate.collection, Vault.collection,
  ]

  public init(_ configuration: DeclarativeConfiguration) {
    self.services = Self.byID(configuration.services)
    self.routes = Self.byID(configuration.routes)
    self.plugins = Self.byID(configuration.plugins.filter(\.isEnabled))
    self.upstreams = Self.byID(configuration.upstreams)
    self.targets = Self.byID(configuration.targets)
    self.certificates = Self.byID(configuration.certificates)
    self.snis = Self.byID(configuration.snis)
    self.authorities = Self.byID(configuration.caCertificates)
    self.vaults = Self.byID(configuration.vaults)
  }

  public init(_ snapshot: StoreSnapshot) {
    self.services = Self.byID(self.typed(snapshot))
    self.routes = Self.byID(self.typed(snapshot))
    self.plugins = Self.byID(self.typed(snapshot).filter(\.isEnabled))
    self.upstreams = Self.byID(self.typed(snapshot))
    self.targets = Self.byID(self.typed(snapshot))
    self.certificates = Self.byID(self.typed(snapshot))
    self.snis = Self.byID(self.typed(snapshot))
    self.authorities = Self.byID(self.typed(snapshot))
    self.vaults = Self.byID((snapshot.rows[Vault.collection] ?? []).compactMap { Vault(validated: $0.object) })
  }

  private mutating func typed<Value: StandIn>(_ snapshot: StoreSnapshot) -> [Value] {
    let rows = snapshot.rows[Value.collection] ?? []
    var values: [Value] = []
    values.reserveCapacity(rows.count)
    for row in rows {
      let (value, damage) = Value.read(row.object)
      if let value { values.append(value) }
      if let damage { self.damaged[row.object["id"]?.stringValue.flatMap { EntityID($0) } ?? .random()] = damage }
    }
    return values
  }

  private static func byID<Value: Entity>(_ values: [Value]) -> [EntityID: Value] {
    Dictionary(values.map { ($0.id, $0) }) { first, _ in first }
  }
}

/// What changed: new states by id, nil for what is gone.
public struct EntityDelta: Sendable {
  var services: [EntityID: Service?] = [:]
  var routes: [EntityID: Route?] = [:]
  var plugins: [EntityID: PluginEntity?] = [:]
  var upstreams: [EntityID: Upstream?] = [:]
  var targets: [EntityID: Target?] = [:]
  var certificates: [EntityID: Certificate?] = [:]
  var snis: [EntityID: SNI?] = [:]
  var authorities: [EntityID: CACertificate?] = [:]
  var vaults: [EntityID: Vault?] = [:]
  /// nil: it can be read, or is gone.
  var damaged: [EntityID: Damaged?] = [:]

  init() {}

  /// From one state to another.
  init(from old: EntityTables, to new: EntityTables) {
    self.services = Self.difference(old.services, new.services)
    self.routes = Self.difference(old.routes, new.routes)
    self.plugins = Self.difference(old.plugins, new.plugins)
    self.upstreams = Self.difference(old.upstreams, new.upstreams)
    self.targets = Self.difference(old.targets, new.targets)
    self.certificates = Self.difference(old.certificates, new.certificates)
    self.snis = Self.difference(old.snis, new.snis)
    self.authorities = Self.difference(old.authorities, new.authorities)
    self.vaults = Self.difference(old.vaults, new.vaults)
    for id in old.damaged.keys { self.damaged.updateValue(nil, forKey: id) }
    for (id, damage) in new.damaged { self.damaged.updateValue(damage, forKey: id) }
  }

  /// From a store's feed; changes of other collections are passed over.
  public init(_ batch: ChangeBatch) {
    for change in batch.changes {
      guard let id = EntityID(change.id) else { continue }
      let object = change.entity?.object
      switch change.collection {
      case Service.collection: self.services.updateValue(self.typed(object, id), forKey: id)
      case Route.collection: self.routes.updateValue(self.typed(object, id), forKey: id)
      case PluginEntity.collection:
        let plugin: PluginEntity? = self.typed(object, id)
        self.plugins.updateValue(plugin?.isEnabled == true ? plugin : nil, forKey: id)
      case Upstream.collection: self.upstreams.updateValue(self.typed(object, id), forKey: id)
      case Target.collection: self.targets.updateValue(self.typed(object, id), forKey: id)
      case Certificate.collection: self.certificates.updateValue(self.typed(object, id), forKey: id)
      case SNI.collection: self.snis.updateValue(self.typed(object, id), forKey: id)
      case CACertificate.collection: self.authorities.updateValue(self.typed(object, id), forKey: id)
      case Vault.collection: self.vaults.updateValue(object.flatMap { Vault(validated: $0) }, forKey: id)
      default: break
      }
    }
  }

  private mutating func typed<Value: StandIn>(_ object: JSONObject?, _ id: EntityID) -> Value? {
    let (value, damage) = object.map { Value.read($0) } ?? (nil, nil)
    self.damaged.updateValue(damage, forKey: id)
    return value
  }

  public var isEmpty: Bool {
    self.services.isEmpty && self.routes.isEmpty && self.plugins.isEmpty && self.upstreams.isEmpty
      && self.targets.isEmpty && self.certificates.isEmpty && self.snis.isEmpty && self.authorities.isEmpty
      && self.vaults.isEmpty
  }

  private static func difference<Value: Equatable>(
    _ old: [EntityID: Value], _ new: [EntityID: Value]
  ) -> [EntityID: Value?] {
    // The first load: nothing to compare, and no table to grow.
    if old.isEmpty { return new.mapValues { $0 } }
    var changes: [EntityID: Value?] = [:]
    for (id, value) in new where old[id] != value { changes.updateValue(value, forKey: id) }
    for id in old.keys where new[id] == nil { changes.updateValue(nil, forKey: id) }
    return changes
  }
}

extension EntityTables {
  mutating func apply(_ delta: EntityDelta) {
    Self.apply(delta.services, to: &self.services)
    Self.apply(delta.routes, to: &self.routes)
    Self.apply(delta.plugins, to: &self.plugins)
    Self.apply(delta.upstreams, to: &self.upstreams)
    Self.apply(delta.targets, to: &self.targets)
    Self.apply(delta.certificates, to: &self.certificates)
    Self.apply(delta.snis, to: &self.snis)
    Self.apply(delta.authorities, to: &self.authorities)
    Self.apply(delta.vaults, to: &self.vaults)
    for (id, damage) in delta.damaged { self.damaged[id] = damage }
  }

  private static func apply<Value>(_ changes: [EntityID: Value?], to values: inout [EntityID: Value]) {
    if values.isEmpty {
      values = changes.compactMapValues { $0 }
      return
    }
    for (id, value) in changes { values[id] = value }
  }
}

extension [EntityID: Vault] {
  /// These after a change.
  func applying(_ changes: [EntityID: Vault?]) -> [EntityID: Vault] {
    changes.reduce(into: self) { vaults, change in vaults[change.key] = change.value }
  }
}
