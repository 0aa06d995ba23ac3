// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// An entity whose times a declarative file need not give: they are then those of reading it.
///
/// What says the same as before keeps the times it had. Otherwise everything in a file would have changed whenever it
/// is read again: the router would be compiled anew, and plugins would forget what they counted.
protocol Dated: Entity, Equatable {
  associatedtype Time
  var createdAt: Time { get set }
  var updatedAt: Time { get set }
}

extension Dated {
  func keepingTimes(of former: Self?) -> Self {
    guard let former else { return self }
    var dated = self
    (dated.createdAt, dated.updatedAt) = (former.createdAt, former.updatedAt)
    return dated == former ? former : self
  }
}

extension Service: Dated {}
extension Route: Dated {}
extension PluginEntity: Dated {}
extension Upstream: Dated {}
extension Target: Dated {}
extension Certificate: Dated {}
extension SNI: Dated {}
extension CACertificate: Dated {}
extension Consumer: Dated {}

extension EntityTables {
  /// These entities, with the times of former ones that say the same.
  ///
  /// - Parameter agesRoutes: whether routes keep the times they have, as a router needs them that orders by age.
  func keepingTimes(of former: EntityTables, agesRoutes: Bool) -> EntityTables {
    var tables = self
    tables.services = Self.kept(self.services, former.services)
    if !agesRoutes { tables.routes = Self.kept(self.routes, former.routes) }
    tables.plugins = Self.kept(self.plugins, former.plugins)
    tables.upstreams = Self.kept(self.upstreams, former.upstreams)
    tables.targets = Self.kept(self.targets, former.targets)
    tables.certificates = Self.kept(self.certificates, former.certificates)
    tables.snis = Self.kept(self.snis, former.snis)
    tables.authorities = Self.kept(self.authorities, former.authorities)
    return tables
  }

  private static func kept<Value: Dated>(
    _ values: [EntityID: Value], _ former: [EntityID: Value]
  ) -> [EntityID: Value] {
    former.isEmpty ? values : values.mapValues { $0.keepingTimes(of: former[$0.id]) }
  }
}

/// What the directory of a declarative configuration is made of.
struct DeclaredCredentials: Sendable {
  var consumers: [Consumer] = []
  /// The entities of plugins, by collection.
  var rows: [String: [JSONObject]] = [:]

  /// Whether these are the others, read at another time.
  func saySame(as other: DeclaredCredentials) -> Bool {
    self.consumers.count == other.consumers.count && self.rows.count == other.rows.count
      && zip(self.consumers, other.consumers).allSatisfy { $0.keepingTimes(of: $1) == $1 }
      && self.rows.allSatisfy { name, rows in
        guard let others = other.rows[name], others.count == rows.count else { return false }
        return zip(rows, others).allSatisfy(Self.saySame)
      }
  }

  private static func saySame(_ left: JSONObject, _ right: JSONObject) -> Bool {
    left.count == right.count
      && zip(left.members, right.members).allSatisfy { left, right in
        guard left.key == right.key else { return false }
        switch left.key {
        case "created_at", "updated_at": return true
        // A time to live counts from the reading.
        case "ttl": return left.value.isNull && right.value.isNull
        default: return left.value == right.value
        }
      }
  }
}
