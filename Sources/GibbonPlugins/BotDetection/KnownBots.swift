// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// Recognises programs by what they call themselves, as Kong 3.9 does.
///
/// A text is read once: at each byte the names that begin with it are compared. The few rules that are no names are one
/// regular expression.
struct KnownBots: Sendable {
  static let shared = KnownBots()

  private enum Condition: Sendable {
    case none
    /// `/` and a digit follow, and a word begins.
    case version
    /// `/` or a space, and a digit, follow.
    case number
    /// `/` is before it; a space or a dash, and a digit, follow.
    case afterSlash
  }

  private struct Name: Sendable {
    let bytes: [UInt8]
    let condition: Condition
    var ignoresCase = false
  }

  /// By their first byte; those that have no case stand under both.
  private var names: [[Name]]
  private let starts: [[UInt8]]
  /// nil should it not compile, which a test rules out.
  private let expression: Regex?

  init() {
    self.names = [[Name]](repeating: [], count: 256)
    self.starts = Self.atStart.map { Array($0.utf8) }
    self.expression = try? Regex.compile(Self.expression, options: [.dollarEndOnly])
    for (texts, condition) in [
      (Self.anywhere, Condition.none), (Self.versioned, .version), (Self.endings, .number),
      (Self.afterSlash, .afterSlash),
    ] {
      for text in texts { self.add(Name(bytes: Array(text.utf8), condition: condition)) }
    }
    for text in Self.parts { self.add(Name(bytes: Array(text.utf8), condition: .none, ignoresCase: true)) }
  }

  private mutating func add(_ name: Name) {
    guard let first = name.bytes.first else { return }
    self.names[Int(first)].append(name)
    if name.ignoresCase { self.names[Int(first & 0xDF)].append(name) }
  }

  var isComplete: Bool { self.expression != nil }

  /// Whether a program is named in the text.
  func contains(_ agent: Span<UInt8>) -> Bool {
    if self.starts.contains(where: { Self.has($0, agent, at: 0) }) { return true }
    var google: Int?
    for index in agent.indices {
      for place in self.names[Int(agent[index])].indices where self.has(Int(agent[index]), place, agent, index) {
        return true
      }
      // `Google`, and anywhere behind it `/+/web/snippet`.
      if google == nil, Self.has(Self.google, agent, at: index) { google = index }
      if google != nil, Self.has(Self.snippet, agent, at: index) { return true }
      if Self.endsDashedRobot(agent, index) { return true }
    }
    // A text made so that the search is given up is not let through.
    var budget = RegexBudget()
    return self.expression.map { $0.search(agent, budget: &budget) != .noMatch } ?? false
  }

  private static let google = Array("Google".utf8)
  private static let snippet = Array("/+/web/snippet".utf8)

  private func has(_ first: Int, _ place: Int, _ agent: Span<UInt8>, _ index: Int) -> Bool {
    let name = self.names[first][place]
    guard Self.has(name.bytes, agent, at: index, ignoringCase: name.ignoresCase) else { return false }
    let end = index + name.bytes.count
    switch name.condition {
    case .none: return true
    case .version:
      return (index == 0 || !agent[index - 1].isWordByte) && Self.number(agent, end, after: "/")
    case .number: return Self.number(agent, end, after: "/ ")
    case .afterSlash:
      return index > 0 && agent[index - 1] == UInt8(ascii: "/") && Self.number(agent, end, after: " -")
    }
  }

  /// Whether a separator and a digit stand here.
  private static func number(_ agent: Span<UInt8>, _ index: Int, after separators: String) -> Bool {
    index + 1 < agent.count && separators.utf8.contains(agent[index]) && agent[index + 1].isASCIIDigit
  }

  /// Whether what ends here is `/` and letters that end like a robot's name, before a dash and a digit: `/somebot-1`.
  private static func endsDashedRobot(_ agent: Span<UInt8>, _ index: Int) -> Bool {
    guard agent[index] == UInt8(ascii: "-"), Self.number(agent, index, after: "-"), index >= 5 else { return false }
    guard agent[index - 3] | 0x20 == UInt8(ascii: "b"), agent[index - 2] == UInt8(ascii: "o"),
      agent[index - 1] == UInt8(ascii: "t")
    else { return false }
    var start = index - 3
    // `[A-z]` has the signs between the letters too.
    while start > 0, 0x41...0x7A ~= agent[start - 1] { start -= 1 }
    return start < index - 3 && start > 0 && agent[start - 1] == UInt8(ascii: "/")
  }

  private static func has(_ part: [UInt8], _ agent: Span<UInt8>, at index: Int, ignoringCase: Bool = false) -> Bool {
    guard part.count <= agent.count - index else { return false }
    for offset in part.indices {
      let byte = agent[index + offset]
      if (ignoringCase ? byte.asciiLowercased : byte) != part[offset] { return false }
    }
    return true
  }
}

extension UInt8 {
  fileprivate var isWordByte: Bool { self.isASCIILetter || self.isASCIIDigit || self == UInt8(ascii: "_") }
}
