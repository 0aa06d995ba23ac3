// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Reads the part of Perl's syntax that describes regular languages, with PCRE2's meaning.
///
/// What it does not know for certain ends the reading: such a pattern has no linear form, and the backtracking engine
/// searches it under a limit. Never is a pattern read otherwise than PCRE2 reads it.
struct LinearParser {
  /// Something that has no linear form, or none that is known.
  struct Unsupported: Error {}

  struct Flags {
    var isCaseless = false
    /// `.` is a line feed too.
    var dotTakesLineFeed = false
    var isMultiline = false
  }

  let bytes: [UInt8]
  let dollarEndOnly: Bool
  var position = 0
  var flags = Flags()
  private(set) var groupCount = 0
  private var depth = 0

  private static let depthLimit = 64

  init(_ pattern: String, options: Regex.Options) {
    self.bytes = Array(pattern.utf8)
    self.dollarEndOnly = options.contains(.dollarEndOnly)
    self.flags.isCaseless = options.contains(.caseInsensitive)
  }

  mutating func parse() throws(Unsupported) -> LinearNode {
    // Verbs change how the whole pattern is read.
    if self.bytes.starts(with: "(*".utf8) { throw Unsupported() }
    let node = try self.alternatives()
    guard self.position == self.bytes.count else { throw Unsupported() }
    return node
  }

  var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

  mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard self.next == UInt8(ascii: byte) else { return false }
    self.position += 1
    return true
  }

  private mutating func alternatives() throws(Unsupported) -> LinearNode {
    var parts = [try self.sequence()]
    while self.take("|") { parts.append(try self.sequence()) }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func sequence() throws(Unsupported) -> LinearNode {
    var parts: [LinearNode] = []
    while let byte = self.next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
      guard let atom = try self.atom() else { continue }
      parts.append(try self.repeated(atom))
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  /// One atom; nil where only options were set.
  private mutating func atom() throws(Unsupported) -> LinearNode? {
    guard let byte = self.next else { return nil }
    self.position += 1
    switch byte {
    case UInt8(ascii: "("): return try self.group()
    case UInt8(ascii: "["): return .set(try self.readClass())
    case UInt8(ascii: "\\"): return try self.escape()
    case UInt8(ascii: "."): return .set(self.flags.dotTakesLineFeed ? .all : ByteSet.lineFeed.inverted)
    case UInt8(ascii: "^"): return .assertion(self.flags.isMultiline ? .lineStart : .textStart)
    case UInt8(ascii: "$"):
      if self.flags.isMultiline { return .assertion(.lineEnd) }
      return .assertion(self.dollarEndOnly ? .textEnd : .lastLineEnd)
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): throw Unsupported()
    case UInt8(ascii: "{"):
      self.position -= 1
      // What looks like a repetition, in this release of PCRE2 or a later one, is not text.
      let after = self.position + 1 < self.bytes.count ? self.bytes[self.position + 1] : 0
      if after.isASCIIDigit || after == UInt8(ascii: ",") || after == .space || after == .tab { throw Unsupported() }
      self.position += 1
      return self.literal(byte)
    default: return self.literal(byte)
    }
  }

  func literal(_ byte: UInt8) -> LinearNode {
    .set(self.flags.isCaseless ? ByteSet(byte).caseless : ByteSet(byte))
  }

  // MARK: Groups

  private mutating func group() throws(Unsupported) -> LinearNode? {
    let outer = self.flags
    var number: Int?
    if self.take("?") {
      switch self.next {
      case UInt8(ascii: ":"): self.position += 1
      case UInt8(ascii: "P"), UInt8(ascii: "<"):
        try self.skipName()
        number = self.nextGroup()
      default:
        guard try self.takeFlags() else { return nil }
      }
    } else if self.next == UInt8(ascii: "*") {
      throw Unsupported()
    } else {
      number = self.nextGroup()
    }
    self.depth += 1
    guard self.depth <= Self.depthLimit else { throw Unsupported() }
    let inner = try self.alternatives()
    guard self.take(")") else { throw Unsupported() }
    self.depth -= 1
    self.flags = outer
    return number.map { .group(inner, number: $0) } ?? inner
  }

  private mutating func nextGroup() -> Int {
    self.groupCount += 1
    return self.groupCount
  }

  /// `<name>` or `P<name>`. `<=` and `<!` look behind.
  private mutating func skipName() throws(Unsupported) {
    _ = self.take("P")
    guard self.take("<"), let first = self.next, first.isASCIILetter || first == UInt8(ascii: "_") else {
      throw Unsupported()
    }
    while let byte = self.next, ByteSet.words.contains(byte) { self.position += 1 }
    guard self.take(">") else { throw Unsupported() }
  }

  /// Reads `i`, `s`, `m` after `(?`, switched off behind `-`.
  /// - Returns: whether a group follows: `(?i:…)`; `(?i)` is for the rest of the group it stands in.
  private mutating func takeFlags() throws(Unsupported) -> Bool {
    var value = true
    while let byte = self.next {
      self.position += 1
      switch byte {
      case UInt8(ascii: "i"): self.flags.isCaseless = value
      case UInt8(ascii: "s"): self.flags.dotTakesLineFeed = value
      case UInt8(ascii: "m"): self.flags.isMultiline = value
      case UInt8(ascii: "-") where value: value = false
      case UInt8(ascii: ":"): return true
      case UInt8(ascii: ")"): return false
      default: throw Unsupported()
      }
    }
    throw Unsupported()
  }

  // MARK: Repetitions

  private mutating func repeated(_ atom: LinearNode) throws(Unsupported) -> LinearNode {
    guard var repetition = try self.repetition() else { return atom }
    if case .assertion = atom { throw Unsupported() }
    if self.take("?") { repetition.isGreedy = false }
    // A possessive repetition gives nothing back, and one behind another is an error or something else.
    if let byte = self.next, [UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "?")].contains(byte) {
      throw Unsupported()
    }
    if self.next == UInt8(ascii: "{"), try self.repetition() != nil { throw Unsupported() }
    return .repeated(atom, repetition)
  }

  private mutating func repetition() throws(Unsupported) -> LinearNode.Repetition? {
    switch self.next {
    case UInt8(ascii: "*"):
      self.position += 1
      return LinearNode.Repetition(minimum: 0, maximum: nil)
    case UInt8(ascii: "+"):
      self.position += 1
      return LinearNode.Repetition(minimum: 1, maximum: nil)
    case UInt8(ascii: "?"):
      self.position += 1
      return LinearNode.Repetition(minimum: 0, maximum: 1)
    case UInt8(ascii: "{"): return try self.counted()
    default: return nil
    }
  }

  /// `{2}`, `{2,}`, `{2,5}`; anything else after a brace is text, or unknown.
  private mutating func counted() throws(Unsupported) -> LinearNode.Repetition? {
    let start = self.position
    self.position += 1
    guard let minimum = self.number() else {
      self.position = start
      return nil
    }
    var maximum: Int? = minimum
    if self.take(",") { maximum = self.number() }
    guard self.take("}"), minimum <= maximum ?? minimum else { throw Unsupported() }
    return LinearNode.Repetition(minimum: minimum, maximum: maximum)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let byte = self.next, byte.isASCIIDigit, value ?? 0 < 100_000 {
      value = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
      self.position += 1
    }
    return value
  }
}
