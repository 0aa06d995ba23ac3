// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Reads the beginning of a regular expression as text and "something without a slash", and stops
/// where it is not sure. It never claims more than every match must satisfy.
struct RegexOutline {
  enum Piece: Equatable {
    case byte(UInt8)
    case segmentRest
  }

  /// How an atom is repeated.
  private enum Count { case once, repeated, unclear }

  private let bytes: [UInt8]
  private var position = 0
  private var found: [Piece] = []
  private var isSure = true

  private static let groupDepthLimit = 16

  /// Longer beginnings select no better.
  private static let pieceLimit = 512

  init(_ pattern: String) {
    self.bytes = Array(pattern.utf8)
  }

  mutating func pieces() -> [Piece] {
    guard !self.hasAlternatives(from: 0, to: self.bytes.count) else { return [] }
    self.read(to: self.bytes.count, depth: 0)
    return self.found
  }

  /// Whether a `|` stands outside of groups and classes between the two offsets.
  private func hasAlternatives(from start: Int, to end: Int) -> Bool {
    var depth = 0
    var index = start
    while index < end {
      switch self.bytes[index] {
      case UInt8(ascii: "\\"):
        // A quoted run hides what it holds from this reader.
        if index + 1 < end, self.bytes[index + 1] == UInt8(ascii: "Q") { return true }
        index += 1
      case UInt8(ascii: "["): index = self.endOfClass(index) ?? end
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: "|") where depth <= 0: return true
      default: break
      }
      index += 1
    }
    return false
  }

  private mutating func read(to end: Int, depth: Int) {
    while self.isSure, self.position < end, self.found.count < Self.pieceLimit {
      let byte = self.bytes[self.position]
      switch byte {
      case UInt8(ascii: "^") where self.position == 0: self.position += 1
      case UInt8(ascii: "\\"): self.readEscape(end)
      case UInt8(ascii: "["): self.readClass(end)
      case UInt8(ascii: "("): self.readGroup(end, depth)
      case UInt8(ascii: "."), UInt8(ascii: "$"), UInt8(ascii: "^"), UInt8(ascii: "|"), UInt8(ascii: ")"),
        UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
        self.isSure = false
      default:
        self.position += 1
        self.literal(byte, end)
      }
    }
  }

  private mutating func literal(_ byte: UInt8, _ end: Int) {
    switch self.repetition(end) {
    case .once: self.found.append(.byte(byte))
    case .repeated where byte != UInt8(ascii: "/"): self.found.append(.segmentRest)
    case .repeated, .unclear: self.isSure = false
    }
  }

  private mutating func withoutSlash(_ end: Int) {
    if self.repetition(end) == .unclear { self.isSure = false } else { self.found.append(.segmentRest) }
  }

  private mutating func readEscape(_ end: Int) {
    guard self.position + 1 < end else {
      self.isSure = false
      return
    }
    let escaped = self.bytes[self.position + 1]
    self.position += 2
    switch escaped {
    case UInt8(ascii: "d"), UInt8(ascii: "w"), UInt8(ascii: "s"), UInt8(ascii: "h"), UInt8(ascii: "v"):
      self.withoutSlash(end)
    case _ where escaped.isASCIILetter || escaped.isASCIIDigit || escaped >= 0x80: self.isSure = false
    default: self.literal(escaped, end)
    }
  }

  private mutating func readClass(_ end: Int) {
    guard let close = self.endOfClass(self.position), close < end, !self.classMayHoldSlash(self.position, close) else {
      self.isSure = false
      return
    }
    self.position = close + 1
    self.withoutSlash(end)
  }

  /// The offset of the `]` that ends the class beginning at `start`.
  private func endOfClass(_ start: Int) -> Int? {
    var index = start + 1
    if index < self.bytes.count, self.bytes[index] == UInt8(ascii: "^") { index += 1 }
    if index < self.bytes.count, self.bytes[index] == UInt8(ascii: "]") { index += 1 }
    while index < self.bytes.count {
      switch self.bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "["): if let named = self.endOfNamedClass(index) { index = named }
      case UInt8(ascii: "]"): return index
      default: break
      }
      index += 1
    }
    return nil
  }

  /// The end of `[:name:]`, when one begins here.
  private func endOfNamedClass(_ start: Int) -> Int? {
    guard start + 1 < self.bytes.count, self.bytes[start + 1] == UInt8(ascii: ":") else { return nil }
    var index = start + 2
    while index + 1 < self.bytes.count, self.bytes[index].isASCIILetter || self.bytes[index] == UInt8(ascii: "^") {
      index += 1
    }
    guard index + 1 < self.bytes.count, self.bytes[index] == UInt8(ascii: ":") else { return nil }
    return self.bytes[index + 1] == UInt8(ascii: "]") ? index + 1 : nil
  }

  /// Whether the class between the brackets could match a `/`; true when in doubt.
  private func classMayHoldSlash(_ open: Int, _ close: Int) -> Bool {
    var members = self.bytes[(open + 1)..<close]
    let isNegated = members.first == UInt8(ascii: "^")
    if isNegated {
      members = members.dropFirst()
      // Only a plain list that names the slash keeps it out.
      return !members.contains(UInt8(ascii: "/")) || members.contains(UInt8(ascii: "["))
        || !self.isPlainNegation(members)
    }
    var index = members.startIndex
    while index < members.endIndex {
      let byte = members[index]
      if byte == UInt8(ascii: "[") { return true }
      var low = byte
      if byte == UInt8(ascii: "\\") {
        index += 1
        guard index < members.endIndex else { return true }
        low = members[index]
        if "dwsh".utf8.contains(low) {
          index += 1
          continue
        }
        guard !low.isASCIILetter, !low.isASCIIDigit else { return true }
      }
      var high = low
      if index + 2 < members.endIndex, members[index + 1] == UInt8(ascii: "-") {
        high = members[index + 2]
        guard high != UInt8(ascii: "\\"), high != UInt8(ascii: "[") else { return true }
        index += 2
      }
      if low <= UInt8(ascii: "/"), high >= UInt8(ascii: "/") { return true }
      index += 1
    }
    return false
  }

  /// Whether the slash in a negated class stands for itself, beside anything that is no escape of it.
  private func isPlainNegation(_ members: ArraySlice<UInt8>) -> Bool {
    var index = members.startIndex
    while index < members.endIndex {
      if members[index] == UInt8(ascii: "\\") {
        index += 1
        if index < members.endIndex, members[index] == UInt8(ascii: "Q") { return false }
        if index < members.endIndex, members[index] == UInt8(ascii: "/") { return true }
      } else if members[index] == UInt8(ascii: "/") {
        return true
      }
      index += 1
    }
    return false
  }

  private mutating func readGroup(_ end: Int, _ depth: Int) {
    guard depth < Self.groupDepthLimit, let close = self.endOfGroup(self.position, end),
      let inner = self.startOfInner(self.position)
    else {
      self.isSure = false
      return
    }
    let after = close + 1
    self.position = after
    let count = self.repetition(end)
    let next = self.position
    if count == .once, !self.hasAlternatives(from: inner, to: close) {
      self.position = inner
      self.read(to: close, depth: depth + 1)
      self.position = next
    } else if count != .unclear, !self.mayHoldSlash(inner, close) {
      self.found.append(.segmentRest)
    } else {
      self.isSure = false
    }
  }

  private func endOfGroup(_ start: Int, _ end: Int) -> Int? {
    var depth = 0
    var index = start
    while index < end {
      switch self.bytes[index] {
      case UInt8(ascii: "\\"):
        if index + 1 < end, self.bytes[index + 1] == UInt8(ascii: "Q") { return nil }
        index += 1
      case UInt8(ascii: "["):
        guard let close = self.endOfClass(index) else { return nil }
        index = close
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 { return index }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Where the content of a plain, named or non-capturing group begins; nil for any other group.
  private func startOfInner(_ open: Int) -> Int? {
    let rest = self.bytes[(open + 1)...].prefix(256)
    guard rest.first == UInt8(ascii: "?") else { return rest.first == UInt8(ascii: "*") ? nil : open + 1 }
    if rest.dropFirst().first == UInt8(ascii: ":") { return open + 3 }
    let named = rest.dropFirst().first == UInt8(ascii: "P") ? rest.dropFirst(2) : rest.dropFirst()
    guard named.first == UInt8(ascii: "<"), let first = named.dropFirst().first else { return nil }
    guard first.isASCIILetter || first == UInt8(ascii: "_") else { return nil }
    return named.firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 }
  }

  /// Whether anything between the offsets could match a slash: only a few safe shapes cannot.
  private func mayHoldSlash(_ start: Int, _ end: Int) -> Bool {
    var index = start
    while index < end {
      let byte = self.bytes[index]
      switch byte {
      case UInt8(ascii: "/"), UInt8(ascii: "."): return true
      case UInt8(ascii: "\\"):
        index += 1
        guard index < end else { return true }
        let escaped = self.bytes[index]
        let isSafe = "dwsh.-_~+*?()[]{}|^$:@!&,;=".utf8.contains(escaped)
        guard isSafe else { return true }
      case UInt8(ascii: "["):
        guard let close = self.endOfClass(index), close < end else { return true }
        guard !self.classMayHoldSlash(index, close) else { return true }
        index = close
      case UInt8(ascii: "("):
        guard let inner = self.startOfInner(index) else { return true }
        index = inner - 1
      default: break
      }
      index += 1
    }
    return false
  }

  /// Reads a quantifier behind an atom.
  private mutating func repetition(_ end: Int) -> Count {
    guard self.position < end else { return .once }
    switch self.bytes[self.position] {
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): self.position += 1
    case UInt8(ascii: "{"):
      guard let close = self.bytes[self.position..<end].firstIndex(of: UInt8(ascii: "}")) else { return .unclear }
      let inner = self.bytes[(self.position + 1)..<close]
      guard inner.first?.isASCIIDigit ?? false, inner.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: ",") }) else {
        return .unclear
      }
      self.position = close + 1
    default: return .once
    }
    if self.position < end, [UInt8(ascii: "?"), UInt8(ascii: "+")].contains(self.bytes[self.position]) {
      self.position += 1
    }
    return .repeated
  }
}
