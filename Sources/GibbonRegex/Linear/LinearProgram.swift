// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A pattern as instructions for Thompson's simulation of a nondeterministic automaton.
struct LinearProgram: Sendable {
  struct Instruction: Sendable {
    enum Kind: UInt8, Sendable {
      /// Takes a byte of the set `first`.
      case set
      /// Goes to `first`, or else to `second`.
      case split
      case jump
      /// Notes the position in slot `first`.
      case save
      /// Goes on if the assertion `first` holds.
      case assertion
      case match
    }

    let kind: Kind
    var first: UInt32 = 0
    var second: UInt32 = 0
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [ByteSet] = []
  private(set) var assertions: [LinearAssertion] = []
  /// Two for each group and the whole match.
  let slotCount: Int
  /// A match can only begin at the first byte.
  let isAnchored: Bool

  /// Larger programs have no linear form: `(a{1000}){1000}`.
  private static let instructionLimit = 4_096
  /// Slots of all states together, which a search keeps twice.
  private static let memoryLimit = 131_072

  /// - Returns: nil when the pattern is not of the kind, or too large.
  init?(_ pattern: String, options: Regex.Options, startsOnce: Bool) {
    var parser = LinearParser(pattern, options: options)
    guard let node = try? parser.parse() else { return nil }
    self.slotCount = 2 * (parser.groupCount + 1)
    self.isAnchored = startsOnce
    guard self.emit(node), self.append(.match) else { return nil }
    guard self.instructions.count * self.slotCount <= Self.memoryLimit else { return nil }
  }

  private mutating func append(_ kind: Instruction.Kind, _ first: Int = 0, _ second: Int = 0) -> Bool {
    guard self.instructions.count < Self.instructionLimit else { return false }
    self.instructions.append(
      Instruction(kind: kind, first: UInt32(clamping: first), second: UInt32(clamping: second)))
    return true
  }

  private var end: Int { self.instructions.count }

  /// - Returns: whether it fits.
  private mutating func emit(_ node: LinearNode) -> Bool {
    switch node {
    case .empty: return true
    case .set(let set):
      if self.sets.last != set { self.sets.append(set) }
      return self.append(.set, self.sets.count - 1)
    case .assertion(let assertion):
      self.assertions.append(assertion)
      return self.append(.assertion, self.assertions.count - 1)
    case .sequence(let parts): return parts.allSatisfy { self.emit($0) }
    case .alternatives(let parts): return self.emit(alternatives: parts)
    case .group(let inner, let number):
      return self.append(.save, 2 * number) && self.emit(inner) && self.append(.save, 2 * number + 1)
    case .repeated(let inner, let repetition): return self.emit(inner, repetition)
    }
  }

  private mutating func emit(alternatives parts: [LinearNode]) -> Bool {
    var jumps: [Int] = []
    for (index, part) in parts.enumerated() {
      guard index + 1 < parts.count else { return self.emit(part) && self.patch(jumps, to: self.end) }
      let split = self.end
      guard self.append(.split, split + 1), self.emit(part) else { return false }
      jumps.append(self.end)
      guard self.append(.jump) else { return false }
      self.instructions[split].second = UInt32(self.end)
    }
    return true
  }

  private mutating func patch(_ jumps: [Int], to target: Int) -> Bool {
    for jump in jumps { self.instructions[jump].first = UInt32(target) }
    return true
  }

  private mutating func emit(_ inner: LinearNode, _ repetition: LinearNode.Repetition) -> Bool {
    for _ in 0..<repetition.minimum { guard self.emit(inner) else { return false } }
    guard let maximum = repetition.maximum else { return self.emit(endless: inner, isGreedy: repetition.isGreedy) }
    var splits: [Int] = []
    for _ in 0..<(maximum - repetition.minimum) {
      splits.append(self.end)
      guard self.append(.split, self.end + 1, self.end + 1), self.emit(inner) else { return false }
    }
    for split in splits { self.leave(split, to: self.end, isGreedy: repetition.isGreedy) }
    return true
  }

  /// Gives a split its way out: the second one, or the first where as little as possible is taken.
  private mutating func leave(_ split: Int, to target: Int, isGreedy: Bool) {
    if isGreedy {
      self.instructions[split].second = UInt32(target)
    } else {
      self.instructions[split].first = UInt32(target)
    }
  }

  private mutating func emit(endless inner: LinearNode, isGreedy: Bool) -> Bool {
    let start = self.end
    guard self.append(.split, start + 1, start + 1), self.emit(inner) else { return false }
    if inner.mayBeEmpty {
      // Once through, then again: `(x+)?`. A first round that takes nothing still sets its groups, and then goes on. Later
      // ones change none, as in Rust's engine, but not in Perl's.
      let again = self.end
      guard self.append(.split, start + 1, start + 1) else { return false }
      self.leave(again, to: self.end, isGreedy: isGreedy)
    } else {
      guard self.append(.jump, start) else { return false }
    }
    self.leave(start, to: self.end, isGreedy: isGreedy)
    return true
  }
}
