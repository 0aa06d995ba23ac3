// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonStore
internal import Synchronization

/// What this node has added to counters. A counter is a row for each node that adds to it, written by that node alone:
/// its sum so far. So an addition can be written twice, or late, and still counts once; and rows end by themselves,
/// which the server's own counters cannot.
final class CounterSlots: Sendable {
  struct Slot: Sendable, Hashable {
    /// The row's name.
    let id: EntityID
    let expiresAt: Double
    var sum: Int64 = 0
    /// Of writes; the row's times.
    var sequence: Int64 = 0
  }

  private let slots = Mutex<[CounterKey: Slot]>([:])

  /// Beyond it, rows are left as they are, and what comes is added to new ones.
  private static let limit = 100_000

  /// The row of a counter that is under way.
  func slot(_ key: CounterKey, at now: Double) -> Slot? {
    self.slots.withLock { slots in slots[key].flatMap { $0.expiresAt > now ? $0 : nil } }
  }

  /// Adds to the row of a counter.
  ///
  /// - Parameter end: of a row that this begins.
  /// - Returns: what is to be written.
  func add(_ amount: Int64, to key: CounterKey, endingAt end: Double, at now: Double) -> Slot {
    self.slots.withLock { slots in
      var slot = slots[key].flatMap { $0.expiresAt > now ? $0 : nil } ?? Slot(id: .random(), expiresAt: end)
      if slots[key] == nil, slots.count >= Self.limit { Self.shrink(&slots, at: now) }
      let (sum, overflows) = slot.sum.addingReportingOverflow(amount)
      slot.sum = overflows ? (amount < 0 ? .min : .max) : sum
      slot.sequence += 1
      slots[key] = slot
      return slot
    }
  }

  /// Takes back what could not be written: the next write of the row says so.
  func takeBack(_ amount: Int64, from key: CounterKey, _ written: Slot) {
    self.slots.withLock { slots in
      guard var slot = slots[key], slot.id == written.id else { return }
      slot.sum = slot.sum &- amount
      slots[key] = slot
    }
  }

  func forget() { self.slots.withLock { $0.removeAll() } }

  private static func shrink(_ slots: inout [CounterKey: Slot], at now: Double) {
    slots = slots.filter { $0.value.expiresAt > now }
    if slots.count >= Self.limit { slots.removeAll() }
  }
}
