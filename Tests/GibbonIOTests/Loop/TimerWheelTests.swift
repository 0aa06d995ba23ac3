// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonIO

/// A deadline on a wheel alone, without a loop: times are plain numbers.
@Suite struct TimerWheelTests {
  private final class Entry: Timed {}

  private static let turn = TimerWheel.tickMilliseconds * UInt64(TimerWheel.slotCount)

  private static func expired(_ wheel: TimerWheel, _ now: UInt64) -> [Timed] {
    var due: [Timed] = []
    wheel.expire(now: now, into: &due)
    return due
  }

  @Test(arguments: [0, 1, 19, 20, 21, 999, 81_899, 81_900, 81_919, 81_920, 81_921, 200_000, 10_000_000] as [UInt64])
  func firesOnceNeverEarlyAndAtMostOneTickLate(delay: UInt64) {
    for start in [0, 7, 20, 81_920, 1_000_003] as [UInt64] {
      let wheel = TimerWheel(now: start)
      let entry = Entry()
      wheel.schedule(entry, deadline: start + delay)
      var now = start
      var fired: [UInt64] = []
      while now <= start + delay + 3 * TimerWheel.tickMilliseconds {
        for object in Self.expired(wheel, now) {
          #expect(object === entry)
          fired.append(now)
        }
        // Near the deadline every millisecond is looked at.
        now += now + 200 < start + delay ? 150 : 1
      }
      #expect(fired.count == 1)
      #expect((fired.first ?? 0) >= start + delay)
      #expect((fired.first ?? .max) <= start + delay + TimerWheel.tickMilliseconds)
      #expect(wheel.millisecondsToNext(now: now) == nil)
    }
  }

  @Test func aDeadlinePushedBackFiresAtTheLaterTimeOnly() {
    let wheel = TimerWheel(now: 0)
    let entry = Entry()
    wheel.schedule(entry, deadline: 100)
    wheel.schedule(entry, deadline: 500)
    #expect(Self.expired(wheel, 300).isEmpty)
    wheel.schedule(entry, deadline: 900)
    #expect(Self.expired(wheel, 880).isEmpty)
    #expect(Self.expired(wheel, 920).count == 1)
    #expect(Self.expired(wheel, 2 * Self.turn).isEmpty)
  }

  @Test func aDeadlineMovedForwardFiresAtTheEarlierTime() {
    let wheel = TimerWheel(now: 0)
    let entry = Entry()
    wheel.schedule(entry, deadline: 60_000)
    wheel.schedule(entry, deadline: 5_000)
    #expect(entry.deadline == 5_000)
    #expect(Self.expired(wheel, 4_990).isEmpty)
    #expect(Self.expired(wheel, 5_020).count == 1)
    #expect(Self.expired(wheel, 100_000).isEmpty)
  }

  @Test func cancelledAndClearedDeadlinesNeverFire() {
    let wheel = TimerWheel(now: 0)
    let entries = (0..<5).map { _ in Entry() }
    for entry in entries { wheel.schedule(entry, deadline: 100) }
    wheel.remove(entries[0])
    wheel.remove(entries[4])
    wheel.remove(entries[4])
    entries[2].deadline = .max
    let due = Self.expired(wheel, 1_000)
    #expect(due.count == 2)
    #expect(due.contains { $0 === entries[1] } && due.contains { $0 === entries[3] })
    #expect(wheel.millisecondsToNext(now: 1_000) == nil)
  }

  @Test func aClearedDeadlineCanBeSetAgain() {
    let wheel = TimerWheel(now: 0)
    let entry = Entry()
    wheel.schedule(entry, deadline: 100)
    entry.deadline = .max
    wheel.schedule(entry, deadline: 400)
    #expect(Self.expired(wheel, 390).isEmpty)
    #expect(Self.expired(wheel, 420).count == 1)
    wheel.schedule(entry, deadline: 500)
    #expect(Self.expired(wheel, 520).count == 1)
  }

  @Test func neverIsNotScheduled() {
    let wheel = TimerWheel(now: 0)
    wheel.schedule(Entry(), deadline: .max)
    #expect(wheel.millisecondsToNext(now: 0) == nil)
  }

  @Test func longSleepsOverEmptySlotsMissNothing() {
    let wheel = TimerWheel(now: 5)
    let far = Entry()
    let near = Entry()
    wheel.schedule(far, deadline: 10 * Self.turn + 123)
    #expect(Self.expired(wheel, 10 * Self.turn).isEmpty)
    wheel.schedule(near, deadline: 10 * Self.turn + 50)
    #expect(Self.expired(wheel, 10 * Self.turn + 80).map { $0 === near } == [true])
    #expect(Self.expired(wheel, 50 * Self.turn).map { $0 === far } == [true])
  }

  @Test func theWaitForTheNextSlotNeverPassesADeadlineByMoreThanATick() {
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<500 {
      let start = UInt64.random(in: 0...1_000_000, using: &generator)
      let wheel = TimerWheel(now: start)
      let entries = (0..<3).map { _ in Entry() }
      for entry in entries { wheel.schedule(entry, deadline: start + UInt64.random(in: 0...70_000, using: &generator)) }
      let earliest = entries.map(\.deadline).min() ?? 0
      let wait = wheel.millisecondsToNext(now: start) ?? .max
      #expect(start + wait <= earliest + TimerWheel.tickMilliseconds)
    }
  }

  /// Against a naive model: a list of deadlines, and for each the last moment at which it may still be waiting.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func agreesWithANaiveModel(seed: UInt64) {
    Self.compareWithModel(seed: seed, movesForward: false)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func agreesWithANaiveModelWhenDeadlinesMoveForward(seed: UInt64) {
    Self.compareWithModel(seed: seed, movesForward: true)
  }

  private static func compareWithModel(seed: UInt64, movesForward: Bool) {
    var generator = SeededGenerator(seed: seed)
    var now = UInt64.random(in: 0...1_000_000, using: &generator)
    let wheel = TimerWheel(now: now)
    let entries = (0..<40).map { _ in Entry() }
    /// The deadline, and when it has to have fired.
    var model: [Int: (deadline: UInt64, latest: UInt64)] = [:]
    for step in 0..<3_000 {
      let index = Int.random(in: 0..<entries.count, using: &generator)
      switch Int.random(in: 0..<10, using: &generator) {
      case 0...4:
        let reach: UInt64 = [30, 2_000, 80_000, 400_000].randomElement(using: &generator) ?? 30
        var deadline = now + UInt64.random(in: 0...reach, using: &generator)
        if !movesForward, let held = model[index] { deadline = max(deadline, held.deadline) }
        wheel.schedule(entries[index], deadline: deadline)
        model[index] = (deadline, max(deadline, now) + 20)
      case 5:
        wheel.remove(entries[index])
        model[index] = nil
      case 6 where movesForward:
        entries[index].deadline = .max
        model[index] = nil
      default:
        let sleep: UInt64 = [3, 60, 5_000, 300_000].randomElement(using: &generator) ?? 3
        now += UInt64.random(in: 0...sleep, using: &generator)
        for object in expired(wheel, now) {
          guard let fired = entries.firstIndex(where: { $0 === object }), let held = model.removeValue(forKey: fired)
          else {
            Issue.record("seed \(seed), step \(step): fired what was not waiting")
            return
          }
          if held.deadline > now { Issue.record("seed \(seed), step \(step): \(held.deadline) fired at \(now)") }
        }
        if let late = model.values.first(where: { $0.latest <= now }) {
          Issue.record("seed \(seed), step \(step): \(late.deadline) has not fired at \(now)")
          return
        }
      }
    }
  }
}
