// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonModel
public import GibbonPluginAPI
public import GibbonSchema
public import GibbonStore
internal import Synchronization

/// Credentials and their consumers, and what else belongs to consumers, read from the datastore when a request first
/// asks for it, kept in bounded memory, and forgotten when the change feed says that it changed. That there is no such
/// credential is remembered too.
public final class CredentialCache: CredentialDirectory {
  private let indexes: [String: CachedIndex]
  private let lists: [String: CachedEntities]
  private let nothing: CachedIndex
  private let store: any Store
  /// Consumers that plugins' configurations name, by the id or username they are named by.
  private let named = Mutex<[String: Consumer]>([:])

  /// Bytes that one entry is reckoned at: a credential, its consumer, and the headers that tell of both.
  public static let entryBytes = 2048

  /// - Parameters:
  ///   - capacity: entries per collection.
  ///   - now: Unix seconds.
  public init(
    store: any Store, registry: EntityRegistry, capacity: Int, now: @escaping @Sendable () -> Double
  ) {
    var indexes: [String: CachedIndex] = [:]
    var lists: [String: CachedEntities] = [:]
    let core = Set(EntityRegistry.coreNames)
    for schema in registry.schemas where !core.contains(schema.name) {
      guard schema.record.field(named: Consumer.reference)?.foreignEntity == Consumer.collection else { continue }
      lists[schema.name] = CachedEntities(store: store, schema: schema, capacity: capacity, now: now)
      guard schema.endpointKey != nil else { continue }
      indexes[schema.name] = CachedIndex(store: store, schema: schema, capacity: capacity, now: now)
    }
    self.store = store
    self.indexes = indexes
    self.lists = lists
    self.nothing = CachedIndex(store: store, schema: nil, capacity: 1, now: now)
  }

  package func index(of entity: String) -> any CredentialIndex { self.indexes[entity] ?? self.nothing }

  package func entities(of collection: String) -> any ConsumerEntityIndex {
    self.lists[collection] ?? NoConsumerEntities()
  }

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
        // What belongs to a consumer is the same while it is there.
        if change.entity == nil { for list in self.lists.values { list.forget(consumer: id) } }
      } else {
        self.indexes[change.collection]?.forget(credential: id, now: change.entity)
        self.lists[change.collection]?.forget(entity: id, now: change.entity)
      }
    }
  }

  public func forgetAll() {
    for index in self.indexes.values { index.forgetAll() }
    for list in self.lists.values { list.forgetAll() }
  }

  /// What is cached under `collection:key`, or under `collection:consumer` by the consumer's id, for people; nil is
  /// nothing.
  public func cached(_ name: String) -> JSONValue? {
    let parts = name.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    if let found = self.indexes[String(parts[0])]?.cached(Array(parts[1].utf8)) { return found }
    return EntityID(parts[1]).flatMap { self.lists[String(parts[0])]?.cached($0) }
  }

  public func forget(_ name: String) {
    let parts = name.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return }
    self.indexes[String(parts[0])]?.forget(key: Array(parts[1].utf8))
    if let consumer = EntityID(parts[1]) { self.lists[String(parts[0])]?.forget(consumer: consumer) }
  }

  /// Entries in all collections.
  public var count: Int {
    self.indexes.values.reduce(0) { $0 + $1.count } + self.lists.values.reduce(0) { $0 + $1.count }
  }
}
