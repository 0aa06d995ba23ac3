// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonStore
import Testing

extension StoreConformance {
  /// Counters that plugins share.
  @Suite struct Counters {
    private static let key = CounterKey("rate-limiting", "a:60")

    private static func add(_ amount: Int64, _ fixture: Fixture, seconds: Double = 60) async throws -> Int64 {
      let increment = CounterIncrement(Self.key, by: amount, expiresAt: fixture.clock.now + seconds)
      return try #require(try await fixture.store.increment([increment]).first)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func additionsAddUp(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture async throws in
        #expect(try await fixture.store.counter(Self.key) == 0)
        #expect(try await Self.add(3, fixture) == 3)
        #expect(try await Self.add(4, fixture) == 7)
        #expect(try await Self.add(-2, fixture) == 5)
        #expect(try await fixture.store.counter(Self.key) == 5)
        #expect(try await fixture.store.counter(CounterKey("other", "a:60")) == 0)
        #expect(try await fixture.store.counter(CounterKey("rate-limiting", "a:61")) == 0)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aCounterBeginsAnewAfterItsEnd(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture async throws in
        #expect(try await Self.add(3, fixture, seconds: 10) == 3)
        fixture.clock.advance(by: 9)
        // A later end does not prolong it.
        #expect(try await Self.add(1, fixture, seconds: 10) == 4)
        fixture.clock.advance(by: 1)
        #expect(try await fixture.store.counter(Self.key) == 0)
        #expect(try await Self.add(5, fixture, seconds: 10) == 5)
        fixture.clock.advance(by: 9)
        #expect(try await fixture.store.counter(Self.key) == 5)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func severalAreAddedToAtOnce(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let end = fixture.clock.now + 60
        let other = CounterKey("rate-limiting", "b:60")
        let values = try await fixture.store.increment([
          CounterIncrement(Self.key, by: 1, expiresAt: end), CounterIncrement(other, by: 10, expiresAt: end),
          CounterIncrement(Self.key, by: 2, expiresAt: end),
        ])
        #expect(values == [1, 10, 3])
        #expect(try await fixture.store.increment([]) == [])
        #expect(try await fixture.store.counter(other) == 10)
        let nothing = CounterKey("other", "b:60")
        #expect(try await fixture.store.counters([other, nothing, Self.key]) == [10, 0, 3])
        #expect(try await fixture.store.counters([]) == [])
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func noAdditionIsLost(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<50 { group.addTask { for _ in 0..<20 { _ = try await Self.add(1, fixture) } } }
          try await group.waitForAll()
        }
        #expect(try await fixture.store.counter(Self.key) == 1000)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func purgingLeavesWhatIsUnderWay(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        _ = try await Self.add(3, fixture, seconds: 10)
        #expect(try await fixture.store.purgeExpired() == 0)
        #expect(try await fixture.store.counter(Self.key) == 3)
        fixture.clock.advance(by: 10)
        #expect(try await fixture.store.purgeExpired() == 0)
        #expect(try await fixture.store.counter(Self.key) == 0)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func countersAreNoEntities(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let revision = try await fixture.store.revision()
        _ = try await Self.add(3, fixture)
        #expect(try await fixture.store.revision() == revision)
      }
    }
  }

  /// Locks between nodes.
  @Suite struct Locks {
    private static let ada = EntityID(high: 1, low: 1)
    private static let bob = EntityID(high: 2, low: 2)

    private static func take(_ name: String, _ owner: EntityID, _ fixture: Fixture) async throws -> Bool {
      try await fixture.store.acquireLock(name, owner: owner, seconds: 10)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func oneHoldsALock(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture async throws in
        #expect(try await Self.take("a", Self.ada, fixture))
        #expect(try await !Self.take("a", Self.bob, fixture))
        #expect(try await Self.take("b", Self.bob, fixture))
        #expect(try await !Self.take("b", Self.ada, fixture))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func itsOwnerProlongsALock(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture async throws in
        #expect(try await Self.take("a", Self.ada, fixture))
        fixture.clock.advance(by: 9)
        #expect(try await Self.take("a", Self.ada, fixture))
        fixture.clock.advance(by: 9)
        #expect(try await !Self.take("a", Self.bob, fixture))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aLockEnds(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture async throws in
        #expect(try await Self.take("a", Self.ada, fixture))
        fixture.clock.advance(by: 9)
        #expect(try await !Self.take("a", Self.bob, fixture))
        fixture.clock.advance(by: 1)
        #expect(try await Self.take("a", Self.bob, fixture))
        #expect(try await !Self.take("a", Self.ada, fixture))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func onlyItsOwnerGivesALockUp(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        #expect(try await Self.take("a", Self.ada, fixture))
        try await fixture.store.releaseLock("a", owner: Self.bob)
        try await fixture.store.releaseLock("none", owner: Self.bob)
        #expect(try await !Self.take("a", Self.bob, fixture))
        try await fixture.store.releaseLock("a", owner: Self.ada)
        #expect(try await Self.take("a", Self.bob, fixture))
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func ofManyOneGetsTheLock(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
          for number: UInt64 in 0..<20 {
            group.addTask { try await Self.take("a", EntityID(high: 9, low: number), fixture) }
          }
          return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
      }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func purgingLeavesLocksThatAreHeld(kind: StoreUnderTest) async throws {
      try await Fixture.with(kind) { fixture in
        #expect(try await Self.take("a", Self.ada, fixture))
        try await fixture.store.purgeExpired()
        #expect(try await !Self.take("a", Self.bob, fixture))
      }
    }
  }
}
