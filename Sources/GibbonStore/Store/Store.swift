// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// Where entities and plugins' data are kept.
///
/// A store keeps complete, validated entities under their keys, refuses what would break a unique or foreign key,
/// and records every write in a change feed in the same transaction. It knows nothing of defaults or messages: that
/// is `DataAccess`. Thread-safe; no call blocks an event loop.
public protocol Store: Sendable {
  /// For people and `/status`, such as `sqlite`.
  var kind: String { get }

  // MARK: Entities

  /// The entity, unless there is none or its time is over.
  func find(_ lookup: EntityLookup, in schema: EntitySchema) async throws(StoreError) -> StoredEntity?

  /// The entity together with the one that a foreign field of it names: one round trip where the store can. nil
  /// unless there are both.
  func find(
    _ lookup: EntityLookup, in schema: EntitySchema, with field: String, in parents: EntitySchema
  ) async throws(StoreError) -> (entity: StoredEntity, parent: StoredEntity)?

  /// Some entities of a collection, by id.
  func page(_ request: PageRequest, of schema: EntitySchema) async throws(StoreError) -> EntityPage

  /// All entities of some collections at one moment, and the revision of that moment.
  func snapshot(of schemas: [EntitySchema]) async throws(StoreError) -> StoreSnapshot

  /// Applies all writes or none.
  ///
  /// - Returns: the revision at which they are visible.
  /// - Throws: naming the first write that cannot be done.
  @discardableResult
  func commit(_ writes: [EntityWrite]) async throws(StoreError) -> Revision

  // MARK: Tags

  func tags(_ request: TagRequest) async throws(StoreError) -> TagPage

  // MARK: The change feed

  /// The revision of the last commit.
  func revision() async throws(StoreError) -> Revision

  /// What changed after a revision, oldest first, an entity at most once.
  func changes(after revision: Revision) async throws(StoreError) -> ChangeBatch

  /// Hears of commits, by this node and by others, as they happen. Stores that cannot do that say nothing; those that
  /// can may miss some. Whoever follows the feed looks now and then anyway.
  ///
  /// - Parameter heard: told the revision of a commit, or nil where some may have been missed. It must not block.
  func hearChanges(_ heard: @escaping @Sendable (Revision?) -> Void)

  /// In what way it answers less than it should, in words for people; nil: in none that is known.
  var condition: String? { get }

  /// Forgets all but the last `count` entries of the feed.
  func trimChanges(keeping count: Int) async throws(StoreError)

  // MARK: Plugins' data

  /// Adds to counters, each of which begins at zero and vanishes at its end.
  ///
  /// - Returns: the counters' new values, in order.
  func increment(_ increments: [CounterIncrement]) async throws(StoreError) -> [Int64]

  /// A counter's value; zero when there is none.
  func counter(_ key: CounterKey) async throws(StoreError) -> Int64

  /// The values of some counters, in order: one round trip where the store can.
  func counters(_ keys: [CounterKey]) async throws(StoreError) -> [Int64]

  /// Takes a lock that nobody holds, or prolongs one's own.
  ///
  /// - Parameter seconds: after which the lock is free again, whatever becomes of its owner.
  func acquireLock(_ name: String, owner: EntityID, seconds: Double) async throws(StoreError) -> Bool

  /// Gives up a lock; one that is held by somebody else stays.
  func releaseLock(_ name: String, owner: EntityID) async throws(StoreError)

  /// Deletes what has outlived its time: entities, counters, locks.
  ///
  /// - Returns: how many entities.
  @discardableResult
  func purgeExpired() async throws(StoreError) -> Int

  // MARK: Layout

  func migrationState(_ plan: MigrationPlan) async throws(StoreError) -> MigrationState

  /// Runs what is new of a plan, each migration in a transaction of its own.
  ///
  /// - Parameter progress: told the name of each migration before it runs.
  func migrate(_ plan: MigrationPlan, progress: @Sendable (String) -> Void) async throws(StoreError)

  /// Deletes everything, the layout included.
  func reset() async throws(StoreError)

  /// Waits for what is under way and lets go of files and connections.
  func close() async
}

/// A place in the order of commits; it grows with each.
public typealias Revision = Int64

extension Store {
  public func counters(_ keys: [CounterKey]) async throws(StoreError) -> [Int64] {
    var values: [Int64] = []
    for key in keys { values.append(try await self.counter(key)) }
    return values
  }

  public func hearChanges(_ heard: @escaping @Sendable (Revision?) -> Void) {}

  public var condition: String? { nil }

  public func find(
    _ lookup: EntityLookup, in schema: EntitySchema, with field: String, in parents: EntitySchema
  ) async throws(StoreError) -> (entity: StoredEntity, parent: StoredEntity)? {
    guard let entity = try await self.find(lookup, in: schema),
      let id = entity.object[field]?["id"]?.stringValue, let parent = try await self.find(.id(id), in: parents)
    else { return nil }
    return (entity, parent)
  }
}
