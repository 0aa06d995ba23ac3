// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Something with at most one deadline on its loop: a connection, a listener, a plugin's pause.
///
/// Confined to one event loop.
open class Timed {
  /// When `timerFired` is due, in the loop's milliseconds; `.max` when it is not.
  final var deadline: UInt64 = .max
  final var wheelSlot: Int32 = -1
  final var wheelIndex: Int32 = -1

  public init() {}

  /// When `timerFired` is due, in the loop's milliseconds; nil when it is not.
  public final var due: UInt64? { self.deadline == .max ? nil : self.deadline }

  /// Called once, on the loop, when the deadline has passed.
  open func timerFired() {}

  /// Runs after the current batch of events, when `EventLoop.runSoon` was asked for it.
  open func resumed() {}
}

@available(*, unavailable)
extension Timed: Sendable {}

/// A hashed wheel of coarse deadlines.
///
/// Pushing a deadline back, which every request does, writes one field: the object stays in the slot
/// it is in, and is moved on when that slot comes round. Cancelling is pushing back to never.
///
/// Confined to its loop. A class, so that the loop's own property is never being changed while one fires.
final class TimerWheel {
  /// The granularity, in milliseconds: deadlines fire up to this much late.
  static let tickMilliseconds: UInt64 = 20
  static let slotCount = 4096
  private static let wordCount = slotCount / 64

  private var slots: [[Timed]] = Array(repeating: [], count: TimerWheel.slotCount)
  /// A bit for each slot that holds something, so that sleeping skips the empty ones.
  private var occupied: [UInt64] = Array(repeating: 0, count: TimerWheel.wordCount)
  private var tick: UInt64

  init(now: UInt64) { self.tick = now / TimerWheel.tickMilliseconds }

  func schedule(_ object: Timed, deadline: UInt64) {
    guard deadline != .max else {
      object.deadline = .max
      return
    }
    // One tick up: never early. Beyond one turn of the wheel the slot is only a place to look again.
    let due = max(deadline / TimerWheel.tickMilliseconds &+ 1, self.tick &+ 1)
    let slot = Int(min(due, self.tick &+ UInt64(TimerWheel.slotCount) &- 1) % UInt64(TimerWheel.slotCount))
    if object.wheelSlot >= 0 {
      if self.distance(to: Int(object.wheelSlot)) <= self.distance(to: slot) {
        object.deadline = deadline
        return
      }
      self.remove(object)
    }
    object.deadline = deadline
    object.wheelSlot = Int32(truncatingIfNeeded: slot)
    object.wheelIndex = Int32(truncatingIfNeeded: self.slots[slot].count)
    self.slots[slot].append(object)
    self.occupied[slot >> 6] |= 1 << UInt64(slot & 63)
  }

  func remove(_ object: Timed) {
    object.deadline = .max
    guard object.wheelSlot >= 0 else { return }
    let slot = Int(object.wheelSlot)
    let index = Int(object.wheelIndex)
    let last = self.slots[slot].count - 1
    if index < last {
      let moved = self.slots[slot][last]
      moved.wheelIndex = object.wheelIndex
      self.slots[slot][index] = moved
    }
    self.slots[slot].removeLast()
    if last == 0 { self.occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
    object.wheelSlot = -1
  }

  /// The objects that are due, out of the wheel. Each still has its deadline: whoever fires them looks again,
  /// since one that fires may cancel or push back another.
  func expire(now: UInt64, into due: inout [Timed]) {
    let target = now / TimerWheel.tickMilliseconds
    while self.tick < target {
      // A long sleep skips over empty slots; at most one turn is of interest.
      guard let step = self.nextOccupied(), self.tick &+ step <= target else {
        self.tick = target
        return
      }
      self.tick &+= step
      let slot = Int(self.tick % UInt64(TimerWheel.slotCount))
      var objects: [Timed] = []
      swap(&objects, &self.slots[slot])
      self.occupied[slot >> 6] &= ~(1 << UInt64(slot & 63))
      for object in objects {
        object.wheelSlot = -1
        if object.deadline == .max { continue }
        if object.deadline > now {
          self.schedule(object, deadline: object.deadline)
        } else {
          due.append(object)
        }
      }
      objects.removeAll(keepingCapacity: true)
      // The slot's memory is worth keeping if nothing was put there meanwhile.
      if self.slots[slot].isEmpty, objects.capacity <= 64 { swap(&objects, &self.slots[slot]) }
    }
  }

  /// Milliseconds until some slot comes round, or nil when the wheel is empty.
  func millisecondsToNext(now: UInt64) -> UInt64? {
    guard let step = self.nextOccupied() else { return nil }
    let due = (self.tick &+ step) &* TimerWheel.tickMilliseconds
    return due > now ? due &- now : 0
  }

  private func distance(to slot: Int) -> Int {
    let here = Int(self.tick % UInt64(TimerWheel.slotCount))
    let steps = slot - here
    return steps > 0 ? steps : steps + TimerWheel.slotCount
  }

  /// Ticks from now to the next occupied slot: 1...slotCount.
  private func nextOccupied() -> UInt64? {
    let start = Int((self.tick &+ 1) % UInt64(TimerWheel.slotCount))
    for turn in 0...TimerWheel.wordCount {
      let word = (start >> 6 + turn) % TimerWheel.wordCount
      var bits = self.occupied[word]
      if turn == 0 { bits &= .max << UInt64(start & 63) }
      if turn == TimerWheel.wordCount { bits &= ~(.max << UInt64(start & 63)) }
      if bits != 0 { return UInt64(self.distance(to: word << 6 + bits.trailingZeroBitCount)) }
    }
    return nil
  }
}
