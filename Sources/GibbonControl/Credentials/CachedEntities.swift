// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema
internal import GibbonStore
internal import Synchronization

/// The entities of one collection by the consumer they belong to. Those of a consumer that are not cached are read from
/// the store once, however many requests wait for them.
final class CachedEntities: ConsumerEntityIndex {
  private let store: any Store
  private let schema: EntitySchema
  private let now: @Sendable () -> Double
  private let pageSize: Int
  private let shards: [Shard]
  private let loads = Mutex(Loads())

  private struct Loads {
    var waiting: [EntityID: [Suspension]] = [:]
    var forgotten = ForgottenItems<Forgotten>()

    mutating func forget(_ item: Forgotten) { self.forgotten.add(item, isRead: !self.waiting.isEmpty) }
  }

  private enum Forgotten {
    case consumer(EntityID)
    case entity(EntityID)
    case everything

    func concerns(_ entry: EntityLists.Entry) -> Bool {
      switch self {
      case .consumer(let id): id == entry.consumer
      case .entity(let id): entry.ids.contains(id)
      case .everything: true
      }
    }
  }

  private final class Shard: Sendable {
    let lists: Mutex<EntityLists>
    init(capacity: Int) { self.lists = Mutex(EntityLists(capacity: capacity)) }
  }

  private static let shardCount = 16
  /// Reads of one consumer whose entities change again and again.
  private static let loadAttempts = 16
  private static let maxPages = 16

  /// - Parameters:
  ///   - capacity: entities in memory.
  ///   - pageSize: entities of one read; a consumer has at most 16 times as many.
  init(
    store: any Store, schema: EntitySchema, capacity: Int, pageSize: Int = 1000, now: @escaping @Sendable () -> Double
  ) {
    self.store = store
    self.schema = schema
    self.now = now
    self.pageSize = pageSize
    self.shards = (0..<Self.shardCount).map { _ in Shard(capacity: capacity / Self.shardCount) }
  }

  func find(_ consumer: EntityID) -> ConsumerEntityLookup {
    let found = self.shard(consumer).lists.withLock { $0.find(consumer, now: self.now) }
    if let found { return .found(found) }
    return .pending { suspension in self.wait(suspension, for: consumer) }
  }

  private func shard(_ consumer: EntityID) -> Shard {
    self.shards[Int(truncatingIfNeeded: consumer.low) & (Self.shardCount - 1)]
  }

  // MARK: Loading

  private func wait(_ suspension: Suspension, for consumer: EntityID) {
    let isFirst = self.loads.withLock { loads in
      loads.waiting[consumer, default: []].append(suspension)
      return loads.waiting[consumer]?.count == 1
    }
    if isFirst { Task { await self.load(consumer) } }
  }

  private func load(_ consumer: EntityID) async {
    var outcome = PhaseResumption.fail("\(self.schema.name) of a consumer change too often to be read")
    do {
      for _ in 0..<Self.loadAttempts {
        let start = self.loads.withLock { $0.forgotten.now }
        let entry = try await self.read(consumer)
        if self.keep(entry, since: start) {
          outcome = .again
          break
        }
      }
    } catch {
      outcome = .fail("\(self.schema.name) cannot be read: \(error)")
    }
    let waiting = self.loads.withLock { $0.waiting.removeValue(forKey: consumer) ?? [] }
    for suspension in waiting { suspension.resume(outcome) }
  }

  /// - Throws: also when there are too many: a decision on some of them could be wrong.
  private func read(_ consumer: EntityID) async throws -> EntityLists.Entry {
    var request = PageRequest(size: self.pageSize, parent: .init(field: Consumer.reference, id: consumer.description))
    var rows: [JSONObject] = []
    var ids: [EntityID] = []
    var end: Double?
    for _ in 0..<Self.maxPages {
      let page = try await self.store.page(request, of: self.schema)
      for stored in page.entities {
        rows.append(stored.object)
        if let id = EntityID(stored.key(self.schema)) { ids.append(id) }
        if let expiresAt = stored.expiresAt { end = min(end ?? expiresAt, expiresAt) }
      }
      guard let next = page.next else {
        return EntityLists.Entry(
          consumer: consumer, entities: rows.isEmpty ? .none : ConsumerEntities(rows), ids: ids, expiresAt: end)
      }
      request.after = next
    }
    throw ControlError("consumer \(consumer) has more than \(self.pageSize * Self.maxPages)")
  }

  /// Caches what was read, unless something of it was forgotten since.
  private func keep(_ entry: EntityLists.Entry, since start: Int) -> Bool {
    self.loads.withLock { loads in
      guard !loads.forgotten.contains(since: start, where: { $0.concerns(entry) }) else { return false }
      self.shard(entry.consumer).lists.withLock { $0.insert(entry) }
      return true
    }
  }

  // MARK: Forgetting

  func forget(consumer id: EntityID) {
    self.loads.withLock { loads in
      loads.forget(.consumer(id))
      self.shard(id).lists.withLock { $0.remove(consumer: id) }
    }
  }

  /// Forgets the lists that an entity was in, and the one it is in now.
  func forget(entity id: EntityID, now entity: StoredEntity?) {
    let consumer = entity?.object[Consumer.reference]?["id"]?.stringValue.flatMap { EntityID($0) }
    self.loads.withLock { loads in
      loads.forget(.entity(id))
      for shard in self.shards { shard.lists.withLock { $0.remove(entity: id) } }
      if let consumer {
        loads.forget(.consumer(consumer))
        self.shard(consumer).lists.withLock { $0.remove(consumer: consumer) }
      }
    }
  }

  func forgetAll() {
    self.loads.withLock { loads in
      loads.forget(.everything)
      for shard in self.shards { shard.lists.withLock { $0.removeAll() } }
    }
  }

  // MARK: For people

  func cached(_ consumer: EntityID) -> JSONValue? {
    self.shard(consumer).lists.withLock { $0.find(consumer, now: self.now) }
      .map { .array($0.rows.map { .object($0) }) }
  }

  /// Lists, not entities.
  var count: Int { self.shards.reduce(0) { sum, shard in sum + shard.lists.withLock { $0.count } } }
}

extension Consumer {
  /// The foreign field of what belongs to consumers.
  static let reference = "consumer"
}
