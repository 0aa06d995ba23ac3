// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema
internal import Synchronization

/// Consumers and their credentials, as a declarative configuration lists them: all in memory, immutable.
final class Directory: CredentialDirectory {
  private let consumersByID: [EntityID: Consumer]
  private let consumersByName: [String: Consumer]
  private let indexes: [String: Index]
  private let rows: [String: [JSONObject]]
  /// Entities by consumer, of the collections that a plugin has asked for.
  private let lists = Mutex<[String: Lists]>([:])

  /// - Parameters:
  ///   - rows: entities of plugins by collection.
  ///   - schemas: what those collections are; an index is made of each with an endpoint key and a consumer.
  init(consumers: [Consumer], rows: [String: [JSONObject]], schemas: [EntitySchema]) {
    let byID = Dictionary(consumers.map { ($0.id, $0) }) { first, _ in first }
    self.consumersByID = byID
    self.consumersByName = Dictionary(consumers.compactMap { consumer in consumer.username.map { ($0, consumer) } }) {
      first, _ in first
    }
    var indexes: [String: Index] = [:]
    for schema in schemas {
      guard schema.endpointKey != nil else { continue }
      indexes[schema.name] = Index(rows[schema.name] ?? [], schema, consumers: byID)
    }
    self.indexes = indexes
    self.rows = rows
  }

  func index(of entity: String) -> any CredentialIndex { self.indexes[entity] ?? Index([], nil, consumers: [:]) }

  func entities(of collection: String) -> any ConsumerEntityIndex {
    self.lists.withLock { lists in
      if let known = lists[collection] { return known }
      let made = Lists(self.rows[collection] ?? [])
      lists[collection] = made
      return made
    }
  }

  func consumer(idOrUsername: String) -> Consumer? {
    EntityID(idOrUsername).flatMap { self.consumersByID[$0] } ?? self.consumersByName[idOrUsername]
  }

  private final class Index: CredentialIndex {
    private let table: ByteKeyedTable<Credential>

    /// - Parameter schema: nil: there are no such credentials.
    init(_ rows: [JSONObject], _ schema: EntitySchema?, consumers: [EntityID: Consumer]) {
      var table = ByteKeyedTable<Credential>(minimumCapacity: rows.count)
      if let schema, let key = schema.endpointKey {
        for row in rows {
          guard let value = row[key]?.stringValue, let id = row["id"]?.stringValue.flatMap({ EntityID($0) }),
            let owner = row["consumer"]?["id"]?.stringValue.flatMap({ EntityID($0) }), let consumer = consumers[owner]
          else { continue }
          let credential = Credential(
            id: id, consumer: consumer, fields: .object(row),
            identifier: row[schema.credentialIdentifier]?.stringValue)
          table.set(credential, for: Array(value.utf8))
        }
      }
      self.table = table
    }

    func find(_ key: Span<UInt8>) -> CredentialLookup {
      self.table.value(for: key).map { .found($0) } ?? .missing
    }
  }

  private final class Lists: ConsumerEntityIndex {
    private let byConsumer: [EntityID: ConsumerEntities]

    init(_ rows: [JSONObject]) {
      var found: [EntityID: [(id: String, row: JSONObject)]] = [:]
      for row in rows {
        guard let owner = row["consumer"]?["id"]?.stringValue.flatMap({ EntityID($0) }) else { continue }
        found[owner, default: []].append((row["id"]?.stringValue ?? "", row))
      }
      self.byConsumer = found.mapValues { rows in ConsumerEntities(rows.sorted { $0.id < $1.id }.map(\.row)) }
    }

    func find(_ consumer: EntityID) -> ConsumerEntityLookup { .found(self.byConsumer[consumer] ?? .none) }
  }
}
