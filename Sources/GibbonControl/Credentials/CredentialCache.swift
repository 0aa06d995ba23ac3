// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonModel
public import GibbonPluginAPI
public import GibbonSchema
public import GibbonStore
internal import Synchronization

/// Credentials and their consumers, read from the datastore when a request first names one, kept in bounded memory,
/// and forgotten when the change feed says that they changed. That there is no such credential is remembered too.
public final class CredentialCache: CredentialDirectory {
  private let indexes: [String: CachedIndex]
  private let nothing: CachedIndex
  private let store: any Store
  /// Consumers that plugins' configurations name, by the id or username they are named by.
  private let named = Mutex<[String: Consumer]>([:])

  /// Bytes that one entry is reckoned at: a credential, its consumer, and the headers that tell of both.
  public static let entryBytes = 2048

  /// - Parameters:
  ///   - capacity: entries per collection of credentials.
  ///   - now: Unix seconds.
  public init(
    store: any Store, registry: EntityRegistry, capacity: Int, now: @escaping @Sendable () -> Double
  ) {
    var indexes: [String: CachedIndex] = [:]
    for schema in registry.schemas {
      guard schema.endpointKey != nil, schema.record.field(named: "consumer")?.foreignEntity == Consumer.collection
      else { continue }
      indexes[schema.name] = CachedIndex(store: store, schema: schema, capacity: capacity, now: now)
    }
    self.store = store
    self.indexes = indexes
    self.nothing = CachedIndex(store: store, schema: nil, capacity: 1, now: now)
  }

  package func index(of entity: String) -> any CredentialIndex { self.indexes[entity] ?? self.nothing }

  package func consumer(idOrUsername: String) -> Consumer? { self.named.withLock { $0[idOrUsername] } }

  package func counters(of plugin: String) -> (any SharedCounters)? {
    StoreCounters(store: self.store, namespace: plugin)
  }

  /// Makes known the consumers that plugins name.
  ///
  /// - Returns: the names whose consumer is another one now.
  func setNamed(_ consumers: [String: Consumer]) -> Set<String> {
    self.named.withLock { named in
      let names = Set(named.keys).union(consumers.keys)
      let changed = names.filter { named[$0] != consumers[$0] }
      named = consumers
      return changed
    }
  }

  /// Forgets what changed.
  public func forget(_ batch: ChangeBatch) {
    for change in batch.changes {
      guard let id = EntityID(change.id) else { continue }
      if change.collection == Consumer.collection {
        for index in self.indexes.values { index.forget(consumer: id) }
      } else if let index = self.indexes[change.collection] {
        index.forget(credential: id, now: change.entity)
      }
    }
  }

  public func forgetAll() {
    for index in self.indexes.values { index.forgetAll() }
  }

  /// What is cached under `collection:key`, for people; nil is nothing.
  public func cached(_ name: String) -> JSONValue? {
    let parts = name.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let index = self.indexes[String(parts[0])] else { return nil }
    return index.cached(Array(parts[1].utf8))
  }

  public func forget(_ name: String) {
    let parts = name.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let index = self.indexes[String(parts[0])] else { return }
    index.forget(key: Array(parts[1].utf8))
  }

  /// Entries in all collections.
  public var count: Int { self.indexes.values.reduce(0) { $0 + $1.count } }
}
