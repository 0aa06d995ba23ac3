// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A Lua 5.1 pattern, as Kong's schemas use them: `^%a[%w_]*$`.
///
/// Sequences of single-character classes with the quantifiers `*`, `+`, `-` and `?`, and the anchors. No
/// captures, no `%b`, no `%f`: no schema uses them. Matching has a step limit, so that a hostile text
/// cannot make it slow; beyond the limit a text counts as not matching.
public struct LuaPattern: Sendable, Hashable, ExpressibleByStringLiteral {
  public let text: String
  let items: [Item]
  let isAnchoredAtStart: Bool
  let isAnchoredAtEnd: Bool

  static let stepLimit = 100_000

  struct Item: Sendable, Hashable {
    let bytes: ByteClass
    let quantifier: Quantifier
  }

  enum Quantifier: Sendable, Hashable {
    case one, optional, greedy, oneOrMore, lazy
  }

  public init(stringLiteral text: String) { self.init(text) }

  public init(_ text: String) {
    self.text = text
    var rest = Array(text.utf8)[...]
    self.isAnchoredAtStart = rest.first == UInt8(ascii: "^")
    if self.isAnchoredAtStart { rest.removeFirst() }
    var items: [Item] = []
    var isAnchoredAtEnd = false
    while let byte = rest.first {
      if byte == UInt8(ascii: "$"), rest.count == 1 {
        isAnchoredAtEnd = true
        break
      }
      let bytes = ByteClass(consuming: &rest)
      items.append(Item(bytes: bytes, quantifier: Quantifier(consuming: &rest)))
    }
    self.items = items
    self.isAnchoredAtEnd = isAnchoredAtEnd
  }

  /// Whether the pattern is found in `text`.
  public func matches(_ text: String) -> Bool {
    var search = Search(pattern: self, subject: Array(text.utf8))
    return search.run()
  }
}

extension LuaPattern.Quantifier {
  init(consuming rest: inout ArraySlice<UInt8>) {
    switch rest.first {
    case UInt8(ascii: "*"): self = .greedy
    case UInt8(ascii: "+"): self = .oneOrMore
    case UInt8(ascii: "-"): self = .lazy
    case UInt8(ascii: "?"): self = .optional
    default:
      self = .one
      return
    }
    rest.removeFirst()
  }
}

extension LuaPattern {
  /// A backtracking search with a budget of steps.
  struct Search {
    let pattern: LuaPattern
    let subject: [UInt8]
    var steps = 0

    mutating func run() -> Bool {
      var start = 0
      while true {
        if self.match(item: 0, at: start) { return true }
        start += 1
        if self.pattern.isAnchoredAtStart || start > self.subject.count { return false }
        if self.steps > LuaPattern.stepLimit { return false }
      }
    }

    private mutating func match(item index: Int, at start: Int) -> Bool {
      var index = index
      var place = start
      while index < self.pattern.items.count {
        self.steps += 1
        if self.steps > LuaPattern.stepLimit { return false }
        let item = self.pattern.items[index]
        switch item.quantifier {
        case .one:
          guard self.accepts(item, at: place) else { return false }
          place += 1
          index += 1
        case .optional:
          if self.accepts(item, at: place), self.match(item: index + 1, at: place + 1) { return true }
          index += 1
        case .greedy, .oneOrMore:
          return self.matchGreedy(item, index, at: place)
        case .lazy:
          return self.matchLazy(item, index, at: place)
        }
      }
      return !self.pattern.isAnchoredAtEnd || place == self.subject.count
    }

    private func accepts(_ item: Item, at place: Int) -> Bool {
      place < self.subject.count && item.bytes.contains(self.subject[place])
    }

    private mutating func matchGreedy(_ item: Item, _ index: Int, at start: Int) -> Bool {
      var end = start
      while self.accepts(item, at: end) { end += 1 }
      self.steps += end - start
      let least = item.quantifier == .oneOrMore ? start + 1 : start
      while end >= least {
        if self.match(item: index + 1, at: end) { return true }
        if self.steps > LuaPattern.stepLimit { return false }
        end -= 1
      }
      return false
    }

    private mutating func matchLazy(_ item: Item, _ index: Int, at start: Int) -> Bool {
      var end = start
      while true {
        if self.match(item: index + 1, at: end) { return true }
        guard self.accepts(item, at: end), self.steps <= LuaPattern.stepLimit else { return false }
        end += 1
      }
    }
  }
}
