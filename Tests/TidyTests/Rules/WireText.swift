// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where wire text is at hand, texts are bytes: `String`'s own functions work on characters, and read what a peer sent
/// otherwise than the next one does (see `ByteText.swift`).
enum WireText {
  /// The modules that handle what came over the wire, or goes over it.
  static let targets: Set<String> = [
    "GibbonEngine", "GibbonHTTP1", "GibbonHTTP2", "GibbonPluginAPI", "GibbonPlugins", "GibbonTLS",
  ]

  struct Word {
    let text: String
    let instead: String
    /// Only before a text in quotes: the same function of bytes is meant otherwise.
    var needsQuote = false
  }

  static let words: [Word] = [
    Word(text: ".lowercased()", instead: "asciiLowercased"), Word(text: ".uppercased()", instead: "bytes"),
    Word(text: ".hasPrefix(", instead: "starts(withBytesOf:)"),
    Word(text: ".hasSuffix(", instead: "ends(withBytesOf:)"),
    Word(text: ".replacing(", instead: "dashed, or bytes"), Word(text: ".components(", instead: "bytes"),
    Word(text: ".trimmingCharacters(", instead: "bytes"), Word(text: ".trimmingPrefix(", instead: "bytes"),
    Word(text: "Character", instead: "UInt8"),
    Word(text: ".isWhitespace", instead: "bytes"), Word(text: ".isLetter", instead: "isASCIILetter"),
    Word(text: ".isNumber", instead: "isASCIIDigit"), Word(text: ".isNewline", instead: "bytes"),
    Word(text: ".split(separator: ", instead: "split of utf8, with UInt8(ascii:)", needsQuote: true),
    Word(text: ".contains(", instead: "utf8.contains(UInt8(ascii:)), or isSame(as:)", needsQuote: true),
    Word(text: ".firstIndex(of: ", instead: "an index of utf8", needsQuote: true),
    Word(text: ".lastIndex(of: ", instead: "an index of utf8", needsQuote: true),
    Word(text: ".starts(with: ", instead: "starts(withBytesOf:)", needsQuote: true),
    Word(text: "== ", instead: "isSame(as:), or isSame(ignoringCase:)", needsQuote: true),
    Word(text: "!= ", instead: "isSame(as:), or isSame(ignoringCase:)", needsQuote: true),
  ]

  /// Files that may, and why. One that no longer does is to be taken off.
  static let exempt: [String: String] = [
    "Sources/GibbonPluginAPI/Logging/LogValue.swift": "paths that plugins give to logs",
    "Sources/GibbonPlugins/HTTPLog/HTTPLog+Schema.swift": "configuration",
    "Sources/GibbonPlugins/HTTPLog/LogEndpoint.swift": "configuration",
    "Sources/GibbonPlugins/JWT/JWT+Schema.swift": "a condition of the schema that is named so",
    "Sources/GibbonPlugins/Logging/LuaConstant.swift": "configuration",
    "Sources/GibbonPlugins/RateLimiting/Period.swift": "names of its own",
    "Sources/GibbonPlugins/RateLimiting/RateLimiting+Handler.swift": "configuration",
    "Sources/GibbonPlugins/RateLimiting/RateLimiting+Schema.swift": "configuration",
    "Sources/GibbonPlugins/Statsd/Statsd+Handler.swift": "configuration",
    "Sources/GibbonPlugins/Statsd/Statsd+Schema.swift": "configuration",
    "Sources/GibbonPlugins/Statsd/StatsdLines.swift": "configuration, and labels that it encodes",
    "Sources/GibbonEngine/Service/UpstreamDirectory.swift": "configuration",
  ]

  static func violations(in file: SourceFile) -> [Violation] {
    self.exempt[file.path] == nil ? self.uses(in: file) : []
  }

  /// Exceptions that are none any more.
  static func needlessExemptions(_ files: [SourceFile]) -> [Violation] {
    let used = Set(files.filter { self.exempt[$0.path] != nil && !self.uses(in: $0).isEmpty }.map(\.path))
    return self.exempt.keys.filter { !used.contains($0) }.sorted().map {
      Violation(path: $0, "has nothing that WireText refuses: take it off WireText.exempt")
    }
  }

  private static func uses(in file: SourceFile) -> [Violation] {
    guard file.isSwift, file.root == "Sources", self.targets.contains(String(file.target)) else { return [] }
    var violations: [Violation] = []
    for word in self.words where file.mentions(word.text) {
      for (index, line) in file.code.enumerated() where line.contains(word.text) {
        guard self.stands(word, code: Array(line.utf8), line: Array(file.lines[index].utf8)) else { continue }
        violations.append(
          Violation(file, line: index + 1, "\(word.text) on text that may be of the wire: write \(word.instead)"))
      }
    }
    return violations
  }

  /// What stands in quotes is blank in `code`, byte for byte.
  private static func stands(_ word: Word, code: [UInt8], line: [UInt8]) -> Bool {
    let wanted = Array(word.text.utf8)
    guard code.count >= wanted.count else { return false }
    for start in 0...code.count - wanted.count where code[start..<start + wanted.count].elementsEqual(wanted) {
      if !word.needsQuote { return true }
      let end = start + wanted.count
      guard end < line.count, line[end] == UInt8(ascii: "\"") else { continue }
      // `"…".utf8` is a list of bytes.
      let rest = line[(end + 1)...]
      let close = rest.firstIndex(of: UInt8(ascii: "\"")) ?? line.endIndex - 1
      if !line[(close + 1)...].starts(with: ".utf8".utf8) { return true }
    }
    return false
  }
}
