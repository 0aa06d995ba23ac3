// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import Synchronization

/// Responses of this process by key, in bounded memory.
///
/// Divided into shards with a lock each, so that loops seldom meet. A shard that is full forgets what was not asked for
/// the longest. What is over is forgotten when it is asked for, or makes room like the rest.
final class CacheStore: Sendable {
  /// A shard is at least this large, so that large responses fit in.
  static let shardBytes = 8 << 20
  private static let shardLimit = 16
  /// The largest response kept by any store, headers included.
  static let entryLimitBytes = 4 << 20

  private final class Shard: Sendable {
    let entries: Mutex<RecencyTable>

    init(capacityBytes: Int) { self.entries = Mutex(RecencyTable(capacityBytes: capacityBytes)) }
  }

  private let shards: [Shard]
  let capacityBytes: Int
  /// The largest response this store keeps, headers included.
  let entryLimitBytes: Int
  /// Requests that wait for what another gets.
  let flights = CacheFlights()
  /// Of responses that are being recorded for it.
  private let recordedBytes = Atomic<Int>(0)

  init(capacityBytes: Int) {
    let capacity = max(0, capacityBytes)
    let count = max(1, min(Self.shardLimit, capacity / Self.shardBytes))
    self.capacityBytes = capacity
    self.entryLimitBytes = min(Self.entryLimitBytes, capacity / count / 2)
    self.shards = (0..<count).map { _ in Shard(capacityBytes: capacity / count) }
  }

  private func shard(_ key: CacheKey) -> Shard { self.shards[key.shard(of: self.shards.count)] }

  /// - Parameter now: Unix seconds.
  func find(_ key: CacheKey, now: Int) -> CacheEntry? {
    self.shard(key).entries.withLock { $0.find(key, now: now) }
  }

  /// What is kept under a key for a request, and the key that it is or would be kept under: that of a variant where
  /// responses differ by fields of requests.
  func find(_ key: CacheKey, for request: RequestView, now: Int) -> (response: CachedResponse?, place: CacheKey) {
    switch self.find(key, now: now) {
    case nil: return (nil, key)
    case .response(let response)?: return (response, key)
    case .variants(let variants)?:
      let place = variants.key(under: key, for: request)
      guard case .response(let response)? = self.find(place, now: now) else { return (nil, place) }
      return (response, place)
    }
  }

  /// What is kept under a key; of several variants the last that was kept.
  func response(at key: CacheKey, now: Int) -> CachedResponse? {
    switch self.find(key, now: now) {
    case nil: return nil
    case .response(let response)?: return response
    case .variants(let variants)?:
      guard let latest = variants.latest, case .response(let response)? = self.find(latest, now: now) else {
        return nil
      }
      return response
    }
  }

  /// How a response that differs by these fields is to be kept: as one of the variants there are, of new ones, or nil
  /// as the only one.
  func variants(at key: CacheKey, by fields: VaryFields, now: Int) -> CacheVariants? {
    guard case .variants(let known)? = self.find(key, now: now) else {
      return fields.isEmpty ? nil : CacheVariants(fields)
    }
    return known.fields.contains(fields) ? known : CacheVariants(known.fields.union(fields))
  }

  /// Keeps a response in place of the one that the key had.
  ///
  /// - Parameter expiry: Unix seconds from which on it is not found; nil for none.
  /// - Returns: false when it is too large.
  @discardableResult
  func insert(_ response: CachedResponse, at key: CacheKey, expiry: Int?) -> Bool {
    guard response.costBytes <= self.entryLimitBytes else { return false }
    self.shard(key).entries.withLock { $0.insert(.response(response), at: key, expiry: expiry ?? .max) }
    return true
  }

  /// Keeps a response as a variant.
  ///
  /// - Parameter place: the variant's key, under `key`.
  func insert(
    _ response: CachedResponse, at place: CacheKey, of variants: CacheVariants, under key: CacheKey, expiry: Int?
  ) {
    guard self.insert(response, at: place, expiry: expiry) else { return }
    var variants = variants
    variants.latest = place
    let entry = CacheEntry.variants(variants)
    self.shard(key).entries.withLock { table in
      // As long as the longest of them.
      table.insert(entry, at: key, expiry: max(expiry ?? .max, table.expiry(key) ?? 0))
    }
  }

  /// - Returns: whether there was one.
  func remove(_ key: CacheKey, now: Int) -> Bool { self.shard(key).entries.withLock { $0.remove(key, now: now) } }

  func removeAll() {
    for shard in self.shards {
      // Freeing thousands of responses takes its time: not under the lock.
      _ = shard.entries.withLock { table in
        let forgotten = table
        table.removeAll()
        return forgotten
      }
    }
  }

  /// What is held, for measurements.
  var heldBytes: Int { self.shards.reduce(0) { $0 + $1.entries.withLock { $0.heldBytes } } }
  var count: Int { self.shards.reduce(0) { $0 + $1.entries.withLock { $0.count } } }

  // MARK: What is on its way in

  /// Takes memory for a response that is being recorded. All of them together may have as much as the store itself.
  ///
  /// - Returns: false when there is none left.
  func reserve(_ bytes: Int) -> Bool {
    let (_, total) = self.recordedBytes.wrappingAdd(bytes, ordering: .relaxed)
    if total <= self.capacityBytes { return true }
    self.release(bytes)
    return false
  }

  func release(_ bytes: Int) { self.recordedBytes.wrappingSubtract(bytes, ordering: .relaxed) }

  /// For measurements.
  var reservedBytes: Int { self.recordedBytes.load(ordering: .relaxed) }
}
