// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Recognises programs by what they call themselves: names that end like a robot's, and names that are known.
///
/// A text is read once, without allocating: at the beginning of each word the known names with that first letter are
/// compared, at its end the endings. Case does not count.
struct KnownBots: Sendable {
  static let shared = KnownBots()

  /// Bytes that are looked at; what is honest says who it is in fewer.
  static let textLimit = 4096

  /// Words that end so, or that are nothing else, are programs: `Somebot/1.0`, `compatible; SomeFetcher`, `some_bot`.
  private static let endings = ["bot", "fetcher", "archiver", "indexer", "harvester"].map { Array($0.utf8) }
  /// Words that have this in them are too: `crawler4j`, `WebSpider`.
  private static let parts = ["crawl", "spider", "scrape"].map { Array($0.utf8) }
  /// Words that end so by chance: a maker of telephones, and names.
  private static let others = ["cubot", "talbot", "abbot"].map { Array($0.utf8) }

  private struct Name: Sendable {
    let start: Int
    let count: Int
  }

  /// The bytes of all names in lower case, one after the other.
  private var text: [UInt8] = []
  /// In the order of their first bytes.
  private var names: [Name] = []
  /// By first byte: the place of its first name; then the end.
  private var first: [Int] = []

  /// - Parameter names: each begins with a letter or a digit.
  init(_ names: [String] = Self.names) {
    var byFirst = [[Name]](repeating: [], count: 256)
    for name in names {
      let bytes = name.utf8.map(\.asciiLowercased)
      guard let first = bytes.first else { continue }
      byFirst[Int(first)].append(Name(start: self.text.count, count: bytes.count))
      self.text += bytes
    }
    for names in byFirst {
      self.first.append(self.names.count)
      self.names += names
    }
    self.first.append(self.names.count)
  }

  /// Whether a program is named in the text.
  func contains(_ agent: Span<UInt8>) -> Bool {
    let end = min(agent.count, Self.textLimit)
    var wordStart: Int?
    for index in 0..<end {
      guard agent[index].isWordByte else {
        if let start = wordStart, Self.isRobot(agent, start..<index) { return true }
        wordStart = nil
        continue
      }
      if wordStart == nil {
        wordStart = index
        if self.hasName(agent, at: index) { return true }
      }
      for part in Self.parts where Self.has(part, agent, at: index) { return true }
    }
    guard let start = wordStart else { return false }
    return Self.isRobot(agent, start..<end)
  }

  /// A name, and not only the beginning of a longer word; one that ends with a sign does not go on.
  private func hasName(_ agent: Span<UInt8>, at index: Int) -> Bool {
    let byte = Int(agent[index].asciiLowercased)
    for place in self.first[byte]..<self.first[byte + 1] {
      let name = self.names[place]
      let end = index + name.count
      guard end <= agent.count else { continue }
      if end < agent.count, agent[end].isWordByte, self.text[name.start + name.count - 1].isWordByte { continue }
      var offset = 1
      while offset < name.count, agent[index + offset].asciiLowercased == self.text[name.start + offset] {
        offset += 1
      }
      if offset >= name.count { return true }
    }
    return false
  }

  /// Whether a word ends like the name of a program; a number or a plural may follow: `msnbot2`, `robots`.
  private static func isRobot(_ agent: Span<UInt8>, _ word: Range<Int>) -> Bool {
    var end = word.upperBound
    while end > word.lowerBound, agent[end - 1].isASCIIDigit { end -= 1 }
    if end > word.lowerBound, agent[end - 1].asciiLowercased == UInt8(ascii: "s") { end -= 1 }
    let count = end - word.lowerBound
    for ending in Self.endings where ending.count <= count && Self.has(ending, agent, at: end - ending.count) {
      return !Self.others.contains { $0.count == count && Self.has($0, agent, at: word.lowerBound) }
    }
    return false
  }

  private static func has(_ part: [UInt8], _ agent: Span<UInt8>, at index: Int) -> Bool {
    guard part.count <= agent.count - index else { return false }
    for offset in part.indices where agent[index + offset].asciiLowercased != part[offset] { return false }
    return true
  }
}

extension UInt8 {
  fileprivate var isWordByte: Bool { self.isASCIILetter || self.isASCIIDigit }
}
