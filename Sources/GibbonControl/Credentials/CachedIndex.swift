// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonSchema
internal import GibbonStore
internal import Synchronization

/// The credentials of one collection by key. A key that is not cached is read from the store once, however many
/// requests wait for it.
final class CachedIndex: CredentialIndex {
  private let store: any Store
  /// nil: there are no such credentials.
  private let schema: EntitySchema?
  private let now: @Sendable () -> Double
  private let shards: [LockedShard]
  private let loads = Mutex(Loads())

  private struct Loads {
    var waiting: [[UInt8]: [Suspension]] = [:]
    var forgotten = ForgottenItems<Forgotten>()

    mutating func forget(_ item: Forgotten) { self.forgotten.add(item, isRead: !self.waiting.isEmpty) }
  }

  private enum Forgotten {
    case key([UInt8])
    case credential(EntityID)
    case consumer(EntityID)
    case everything

    func concerns(_ entry: CacheShard.Entry) -> Bool {
      switch self {
      case .key(let key): key == entry.key
      case .credential(let id): id == entry.credential?.id
      case .consumer(let id): id == entry.credential?.consumer.id
      case .everything: true
      }
    }
  }

  private static let shardCount = 16
  /// Reads of one key that changes again and again.
  private static let loadAttempts = 16

  init(store: any Store, schema: EntitySchema?, capacity: Int, now: @escaping @Sendable () -> Double) {
    self.store = store
    self.schema = schema
    self.now = now
    self.shards = (0..<Self.shardCount).map { _ in LockedShard(capacity: capacity / Self.shardCount) }
  }

  func find(_ key: Span<UInt8>) -> CredentialLookup {
    guard let schema else { return .missing }
    let hash = key.seededHash
    let entry = self.shard(hash).state.withLock { $0.find(key, hash: hash, now: self.now) }
    if let entry { return entry.credential.map { .found($0) } ?? .missing }
    let bytes = key.array
    // What is no text is nobody's key.
    guard let text = String(validating: bytes, as: UTF8.self) else { return .missing }
    return .pending { suspension in self.wait(suspension, for: bytes, text, schema) }
  }

  private func shard(_ hash: Int) -> LockedShard { self.shards[hash & (Self.shardCount - 1)] }

  // MARK: Loading

  private func wait(_ suspension: Suspension, for key: [UInt8], _ text: String, _ schema: EntitySchema) {
    let isFirst = self.loads.withLock { loads in
      loads.waiting[key, default: []].append(suspension)
      return loads.waiting[key]?.count == 1
    }
    if isFirst { Task { await self.load(key, text, schema) } }
  }

  private func load(_ key: [UInt8], _ text: String, _ schema: EntitySchema) async {
    var outcome = PhaseResumption.fail("a credential changes too often to be read")
    do {
      for _ in 0..<Self.loadAttempts {
        let start = self.loads.withLock { $0.forgotten.now }
        let entry = try await self.read(key, text, schema)
        if self.keep(entry, since: start) {
          outcome = .again
          break
        }
      }
    } catch {
      outcome = .fail("\(schema.name) cannot be read: \(error)")
    }
    let waiting = self.loads.withLock { $0.waiting.removeValue(forKey: key) ?? [] }
    for suspension in waiting { suspension.resume(outcome) }
  }

  private func read(_ key: [UInt8], _ text: String, _ schema: EntitySchema) async throws -> CacheShard.Entry {
    let lookup = EntityLookup.unique(field: schema.endpointKey ?? "", value: text, workspace: nil)
    let found = try await self.store.find(lookup, in: schema, with: "consumer", in: ConsumersSchema.schema)
    guard let (stored, owner) = found else { return CacheShard.Entry(key: key, credential: nil, expiresAt: nil) }
    guard let id = EntityID(stored.key(schema)), let consumer = Consumer(validated: owner.object) else {
      throw ControlError("the entry '\(stored.key(schema))', or its consumer, is damaged in the datastore")
    }
    let credential = Credential(
      id: id, consumer: consumer, fields: .object(stored.object),
      identifier: stored.object[schema.credentialIdentifier]?.stringValue)
    return CacheShard.Entry(key: key, credential: credential, expiresAt: stored.expiresAt)
  }

  /// Caches what was read, unless it was forgotten since.
  private func keep(_ entry: CacheShard.Entry, since start: Int) -> Bool {
    let hash = entry.key.span.seededHash
    return self.loads.withLock { loads in
      guard !loads.forgotten.contains(since: start, where: { $0.concerns(entry) }) else { return false }
      self.shard(hash).state.withLock { $0.insert(entry, hash: hash) }
      return true
    }
  }

  // MARK: Forgetting

  func forget(consumer id: EntityID) { self.forgetting(.consumer(id)) { $0.remove(consumer: id) } }

  /// - Parameter entity: what the credential is now: somebody may have asked for its key before there was one.
  func forget(credential id: EntityID, now entity: StoredEntity?) {
    self.forgetting(.credential(id)) { $0.remove(credential: id) }
    if let key = self.schema?.endpointKey, let text = entity?.object[key]?.stringValue {
      self.forget(key: Array(text.utf8))
    }
  }

  func forget(key: [UInt8]) {
    let hash = key.span.seededHash
    self.loads.withLock { loads in
      loads.forget(.key(key))
      self.shard(hash).state.withLock { $0.remove(hash) }
    }
  }

  func forgetAll() { self.forgetting(.everything) { $0.removeAll() } }

  private func forgetting(_ item: Forgotten, _ body: (inout CacheShard) -> Void) {
    self.loads.withLock { loads in
      loads.forget(item)
      for shard in self.shards { shard.state.withLock { body(&$0) } }
    }
  }

  // MARK: For people

  func cached(_ key: [UInt8]) -> JSONValue? {
    let hash = key.span.seededHash
    return self.shard(hash).state.withLock { $0.find(key.span, hash: hash, now: self.now) }
      .map { $0.credential?.fields ?? .object([:]) }
  }

  var count: Int { self.shards.reduce(0) { sum, shard in sum + shard.state.withLock { $0.count } } }
}
