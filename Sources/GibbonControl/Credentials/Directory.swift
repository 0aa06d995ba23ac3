// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema

/// Consumers and their credentials, as a declarative configuration lists them: all in memory, immutable.
final class Directory: CredentialDirectory {
  private let consumersByID: [EntityID: Consumer]
  private let consumersByName: [String: Consumer]
  private let indexes: [String: Index]

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
      guard let key = schema.endpointKey else { continue }
      indexes[schema.name] = Index(rows[schema.name] ?? [], key: key, consumers: byID)
    }
    self.indexes = indexes
  }

  func index(of entity: String) -> any CredentialIndex { self.indexes[entity] ?? Index([], key: "", consumers: [:]) }

  func consumer(idOrUsername: String) -> Consumer? {
    EntityID(idOrUsername).flatMap { self.consumersByID[$0] } ?? self.consumersByName[idOrUsername]
  }

  private final class Index: CredentialIndex {
    private let table: ByteKeyedTable<Credential>

    init(_ rows: [JSONObject], key: String, consumers: [EntityID: Consumer]) {
      var table = ByteKeyedTable<Credential>(minimumCapacity: rows.count)
      for row in rows {
        guard let value = row[key]?.stringValue, let id = row["id"]?.stringValue.flatMap({ EntityID($0) }),
          let owner = row["consumer"]?["id"]?.stringValue.flatMap({ EntityID($0) }), let consumer = consumers[owner]
        else { continue }
        table.set(Credential(id: id, consumer: consumer, fields: .object(row)), for: Array(value.utf8))
      }
      self.table = table
    }

    func find(_ key: Span<UInt8>) -> CredentialLookup {
      self.table.value(for: key).map { .found($0) } ?? .missing
    }
  }
}
