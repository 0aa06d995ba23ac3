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
  mutating func takeTimes(of other: Self)
}

extension Dated {
  func keepingTimes(of former: Self?) -> Self {
    guard let former else { return self }
    var dated = self
    dated.takeTimes(of: former)
    return dated == former ? former : self
  }
}

extension Service: Dated {
  mutating func takeTimes(of other: Service) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension Route: Dated {
  mutating func takeTimes(of other: Route) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension PluginEntity: Dated {
  mutating func takeTimes(of other: PluginEntity) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension Upstream: Dated {
  mutating func takeTimes(of other: Upstream) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension Target: Dated {
  mutating func takeTimes(of other: Target) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension Certificate: Dated {
  mutating func takeTimes(of other: Certificate) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension SNI: Dated {
  mutating func takeTimes(of other: SNI) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension CACertificate: Dated {
  mutating func takeTimes(of other: CACertificate) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

extension Consumer: Dated {
  mutating func takeTimes(of other: Consumer) {
    (self.createdAt, self.updatedAt) = (other.createdAt, other.updatedAt)
  }
}

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
