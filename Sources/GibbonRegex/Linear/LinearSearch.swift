// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A search in time proportional to the text: all ways through the pattern are followed at once, byte by byte.
///
/// Of the ways that lead to one state the preferred one is kept, so that the match and its groups are those that a
/// backtracking search would find (Pike's extension of Thompson's method).
struct LinearSearch: ~Escapable {
  private let program: LinearProgram
  private let text: Span<UInt8>
  private var steps = 0

  @_lifetime(copy text)
  init(_ program: LinearProgram, in text: Span<UInt8>) {
    self.program = program
    self.text = text
  }

  /// Searches; the groups are then in `memory.found`.
  mutating func run(_ memory: inout LinearMemory, budget: inout RegexBudget) -> RegexOutcome {
    memory.prepare(self.program)
    var isFound = false
    var position = 0
    while true {
      // A new way begins here, the least preferred of all, unless one has arrived already.
      if !isFound, position == 0 || !self.program.isAnchored {
        for slot in memory.slots.indices { memory.slots[slot] = -1 }
        memory.slots[0] = Int32(truncatingIfNeeded: position)
        self.follow(0, at: position, &memory.current, &memory.pending, &memory.slots)
      }
      if self.advance(at: position, &memory) { isFound = true }
      let isWithinBudget = budget.spend(self.steps)
      self.steps = 0
      guard isWithinBudget else { return .limitExceeded }
      if position >= self.text.count { break }
      swap(&memory.current, &memory.next)
      memory.next.clear()
      if memory.current.count == 0, isFound || self.program.isAnchored { break }
      position &+= 1
    }
    return isFound ? .matched : .noMatch
  }

  /// Takes every state over the byte at a position. True when one of them had arrived; those less preferred are then
  /// given up.
  private mutating func advance(at position: Int, _ memory: inout LinearMemory) -> Bool {
    var index = 0
    while index < memory.current.count {
      let state = memory.current.order[index]
      index &+= 1
      let instruction = self.program.instructions[Int(state)]
      switch instruction.kind {
      case .match:
        memory.current.load(&memory.found, of: state)
        memory.found[1] = Int32(truncatingIfNeeded: position)
        return true
      case .set:
        guard position < self.text.count else { continue }
        guard self.program.sets[Int(instruction.first)].contains(self.text[position]) else { continue }
        memory.current.load(&memory.slots, of: state)
        self.follow(state &+ 1, at: position &+ 1, &memory.next, &memory.pending, &memory.slots)
      case .split, .jump, .save, .assertion: continue
      }
    }
    return false
  }

  /// Adds the states that an instruction leads to without taking a byte.
  private mutating func follow(
    _ start: UInt32, at position: Int, _ states: inout LinearStates, _ pending: inout [LinearMemory.Step],
    _ slots: inout [Int32]
  ) {
    pending.append(.follow(start))
    while let step = pending.popLast() {
      switch step {
      case .restore(let slot, let value): slots[slot] = value
      case .follow(let instruction): self.walk(instruction, at: position, &states, &pending, &slots)
      }
    }
  }

  /// Goes on from an instruction as long as there is one way, and notes the others.
  private mutating func walk(
    _ start: UInt32, at position: Int, _ states: inout LinearStates, _ pending: inout [LinearMemory.Step],
    _ slots: inout [Int32]
  ) {
    var id = start
    while !states.contains(id) {
      states.append(id)
      self.steps &+= 1
      let instruction = self.program.instructions[Int(id)]
      switch instruction.kind {
      case .jump: id = instruction.first
      case .split:
        pending.append(.follow(instruction.second))
        id = instruction.first
      case .save:
        let slot = Int(instruction.first)
        pending.append(.restore(slot: slot, slots[slot]))
        slots[slot] = Int32(truncatingIfNeeded: position)
        id &+= 1
      case .assertion:
        guard self.program.assertions[Int(instruction.first)].holds(self.text, at: position) else { return }
        id &+= 1
      case .set, .match:
        self.steps &+= slots.count &>> 3
        return states.keep(slots, of: id)
      }
    }
  }
}
