// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonPlugins

/// The store is bounded in bytes, forgets what is over, and keeps what is asked for.
@Suite struct CacheStoreTests {
  private static func key(_ number: Int) -> CacheKey { CacheKey(hashing: Array("\(number)".utf8)) }

  private static func response(_ bytes: Int, mark: UInt8 = 0) -> CachedResponse {
    CachedResponse(
      status: 200, headers: [], body: ByteBuffer([UInt8](repeating: mark, count: bytes)), requestBody: nil, storedAt: 0,
      ttlSeconds: 1)
  }

  private static func entry(_ bytes: Int) -> CacheEntry { .response(Self.response(bytes)) }

  @Test func whatIsKeptIsFoundUntilItIsOver() {
    let store = CacheStore(capacityBytes: 1 << 20)
    #expect(store.find(Self.key(1), now: 0) == nil)
    #expect(store.insert(Self.response(10), at: Self.key(1), expiry: 100))
    #expect(store.response(at: Self.key(1), now: 99)?.body.count == 10)
    #expect(store.find(Self.key(2), now: 99) == nil)
    #expect(store.heldBytes > 10)
    #expect(store.find(Self.key(1), now: 100) == nil)
    #expect(store.heldBytes == 0 && store.count == 0)
    store.insert(Self.response(10), at: Self.key(1), expiry: nil)
    #expect(store.find(Self.key(1), now: .max - 1) != nil)
  }

  @Test func aNewResponseReplacesTheOld() {
    let store = CacheStore(capacityBytes: 1 << 20)
    for size in [10, 1000, 5] { store.insert(Self.response(size), at: Self.key(1), expiry: 10) }
    #expect(store.count == 1 && store.heldBytes == Self.response(5).costBytes)
    #expect(store.response(at: Self.key(1), now: 0)?.body.count == 5)
  }

  @Test func theBytesAreBoundedWhateverIsKept() {
    let store = CacheStore(capacityBytes: 64 << 10)
    var seed: UInt64 = 1
    for number in 0..<20_000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      store.insert(Self.response(Int(seed >> 52)), at: Self.key(number % 700), expiry: .max)
      #expect(store.heldBytes <= 64 << 10)
      if number % 13 == 0 { _ = store.remove(Self.key(number % 31), now: 0) }
    }
    #expect(store.count > 10)
    store.removeAll()
    #expect(store.heldBytes == 0 && store.count == 0)
  }

  @Test func whatWasNotAskedForTheLongestGoesFirst() {
    let cost = Self.response(100).costBytes
    var table = RecencyTable(capacityBytes: 3 * cost)
    for number in 1...3 { table.insert(Self.entry(100), at: Self.key(number), expiry: .max) }
    #expect(table.find(Self.key(1), now: 0) != nil)
    table.insert(Self.entry(100), at: Self.key(4), expiry: .max)
    #expect(table.find(Self.key(2), now: 0) == nil)
    #expect([1, 3, 4].allSatisfy { table.find(Self.key($0), now: 0) != nil })
    // A larger one takes the place of two: 1 and 3.
    table.insert(Self.entry(100 + cost), at: Self.key(5), expiry: .max)
    #expect(table.count == 2 && table.heldBytes == 3 * cost)
    #expect([4, 5].allSatisfy { table.find(Self.key($0), now: 0) != nil })
  }

  @Test func aResponseBeyondTheLimitIsNotKept() {
    let store = CacheStore(capacityBytes: 64 << 10)
    let room = store.entryLimitBytes - Self.response(0).costBytes
    #expect(store.insert(Self.response(room), at: Self.key(1), expiry: .max))
    #expect(!store.insert(Self.response(room + 1), at: Self.key(2), expiry: .max))
    #expect(store.find(Self.key(1), now: 0) != nil && store.find(Self.key(2), now: 0) == nil)
    let empty = CacheStore(capacityBytes: 0)
    #expect(!empty.insert(Self.response(0), at: Self.key(1), expiry: .max))
  }

  @Test func removingSaysWhetherThereWasOne() {
    let store = CacheStore(capacityBytes: 1 << 20)
    store.insert(Self.response(1), at: Self.key(1), expiry: 10)
    store.insert(Self.response(1), at: Self.key(2), expiry: 10)
    #expect(store.remove(Self.key(1), now: 5) && !store.remove(Self.key(1), now: 5))
    #expect(!store.remove(Self.key(2), now: 10))
    #expect(store.heldBytes == 0)
  }

  @Test func dictionariesAreKongsAndApart() throws {
    #expect(CacheDictionaries.capacities[CacheDictionaries.initial] == 128 << 20)
    let store = try #require(CacheDictionaries.store(named: "kong_db_cache"))
    #expect(store.capacityBytes == 128 << 20 && store.entryLimitBytes == 4 << 20)
    #expect(store === CacheDictionaries.store(named: "kong_db_cache"))
    #expect(store !== CacheDictionaries.store(named: "kong"))
    #expect(CacheDictionaries.store(named: "nothing") == nil)
  }

  /// Responses that are never finished hold nothing.
  @Test func recordingsAreBoundedToo() throws {
    let store = CacheStore(capacityBytes: 64 << 10)
    func recording() -> Recording {
      let head = Recording.Head(
        key: Self.key(1), variant: nil, status: 200, headers: [("A", "b")], requestBody: nil, receivedAt: 0,
        ttlSeconds: 5, traits: .init(), storageSeconds: 5)
      return Recording(head, for: store, lead: nil)
    }
    let part = ByteBuffer([UInt8](repeating: 1, count: 20 << 10))
    var held = [recording(), recording(), recording()]
    for recording in held { recording.append(part) }
    #expect(store.reservedBytes == 60 << 10)
    // The fourth finds no memory left, and gets none back by ending.
    let fourth = recording()
    fourth.append(part)
    fourth.finish()
    #expect(store.count == 0 && store.reservedBytes == 60 << 10)
    // One that grows beyond the limit of a response gives back what it had.
    held[0].append(part)
    #expect(store.reservedBytes == 40 << 10)
    held[0].finish()
    #expect(store.count == 0)
    held[1].finish()
    #expect(store.response(at: Self.key(1), now: 4)?.body.count == 20 << 10)
    held.removeAll()
    #expect(store.reservedBytes == 0)
  }

  @Test func manyThreadsShareAStore() async {
    let store = CacheStore(capacityBytes: 1 << 20)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for number in 0..<3000 {
            let mark = UInt8(truncatingIfNeeded: number % 50)
            if (number + task) % 3 == 0 {
              store.insert(Self.response(5000, mark: mark), at: Self.key(number % 50), expiry: .max)
            } else if let found = store.response(at: Self.key(number % 50), now: 0) {
              let body = found.body
              let bytes = body.span.array
              #expect(bytes.count == 5000 && bytes.last == mark)
            }
            if number % 500 == task { store.removeAll() }
          }
        }
      }
    }
    #expect(store.heldBytes <= 1 << 20)
  }
}
