// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The states that a simulation is in at one place of the text, the preferred first, each with the groups of its way.
struct LinearStates {
  /// Instructions, in the order of preference.
  private(set) var order: [UInt32] = []
  private(set) var count = 0
  /// Where an instruction stands in `order`; says nothing of those that are not in it.
  private var places: [UInt32] = []
  private(set) var slots: [Int32] = []

  mutating func prepare(instructions: Int, slots: Int) {
    self.count = 0
    if self.order.count < instructions {
      self.order += [UInt32](repeating: 0, count: instructions - self.order.count)
      self.places += [UInt32](repeating: 0, count: instructions - self.places.count)
    }
    let wanted = instructions * slots
    if self.slots.count < wanted { self.slots += [Int32](repeating: -1, count: wanted - self.slots.count) }
  }

  mutating func clear() { self.count = 0 }

  @inline(__always)
  func contains(_ instruction: UInt32) -> Bool {
    let place = Int(self.places[Int(instruction)])
    return place < self.count && self.order[place] == instruction
  }

  @inline(__always)
  mutating func append(_ instruction: UInt32) {
    self.places[Int(instruction)] = UInt32(truncatingIfNeeded: self.count)
    self.order[self.count] = instruction
    self.count &+= 1
  }

  /// Keeps the groups of a state.
  @inline(__always)
  mutating func keep(_ slots: [Int32], of instruction: UInt32) {
    let base = Int(instruction) &* slots.count
    for slot in slots.indices { self.slots[base &+ slot] = slots[slot] }
  }

  @inline(__always)
  func load(_ slots: inout [Int32], of instruction: UInt32) {
    let base = Int(instruction) &* slots.count
    for slot in slots.indices { slots[slot] = self.slots[base &+ slot] }
  }
}

/// What linear searches use again and again.
struct LinearMemory {
  /// What is still to be followed from one state: an instruction, or a slot that gets its old value back.
  enum Step {
    case follow(UInt32)
    case restore(slot: Int, Int32)
  }

  var current = LinearStates()
  var next = LinearStates()
  var pending: [Step] = []
  /// The groups of the way that is being followed.
  var slots: [Int32] = []
  /// Those of the best match so far.
  var found: [Int32] = []

  mutating func prepare(_ program: LinearProgram) {
    self.current.prepare(instructions: program.instructions.count, slots: program.slotCount)
    self.next.prepare(instructions: program.instructions.count, slots: program.slotCount)
    self.pending.removeAll(keepingCapacity: true)
    self.slots.removeAll(keepingCapacity: true)
    self.found.removeAll(keepingCapacity: true)
    for _ in 0..<program.slotCount {
      self.slots.append(-1)
      self.found.append(-1)
    }
  }
}
