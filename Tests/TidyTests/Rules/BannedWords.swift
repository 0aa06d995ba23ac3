// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is not written in this house, and what is written instead.
enum BannedWords {
  enum Place {
    case everywhere, sources, tests
    /// Not in fuzz targets, where a trap is the report.
    case sourcesAndTests
  }

  struct Word {
    let text: String
    let place: Place
    let instead: String
    /// Whether it stands in comments, not in code.
    var isComment = false
  }

  static let words: [Word] = [
    Word(text: "try!", place: .everywhere, instead: "try, and let the caller or the test report it"),
    Word(text: "as!", place: .everywhere, instead: "as? and a guard"),
    Word(text: "fatalError(", place: .sourcesAndTests, instead: "a returned or thrown error value"),
    Word(text: "precondition(", place: .sources, instead: "a guard that returns an error value"),
    Word(text: "preconditionFailure(", place: .sourcesAndTests, instead: "a returned or thrown error value"),
    Word(text: "assert(", place: .sources, instead: "a test"),
    Word(text: "assertionFailure(", place: .sources, instead: "a returned or thrown error value"),
    Word(text: "print(", place: .sources, instead: "Console in gibbon, a log writer elsewhere"),
    Word(text: "debugPrint(", place: .everywhere, instead: "nothing"),
    Word(text: "Thread.sleep", place: .tests, instead: "Gate, or Deadline.wait(for:until:)"),
    Word(text: "Task.sleep", place: .tests, instead: "Gate, or Deadline.wait(for:until:)"),
    Word(text: "usleep(", place: .tests, instead: "Gate, or Deadline.wait(for:until:)"),
    Word(text: "nanosleep(", place: .tests, instead: "Gate, or Deadline.wait(for:until:)"),
    Word(text: "sleep(", place: .tests, instead: "Gate, or Deadline.wait(for:until:)"),
    Word(text: "@exclusivity(", place: .everywhere, instead: "exclusivity that the compiler checks"),
    Word(text: "unsafeFlags", place: .everywhere, instead: "settings that SwiftPM has a name for"),
    Word(text: "TODO", place: .everywhere, instead: "the work itself, or an issue", isComment: true),
    Word(text: "FIXME", place: .everywhere, instead: "the work itself, or an issue", isComment: true),
    Word(text: "XXX", place: .everywhere, instead: "the work itself, or an issue", isComment: true),
  ]

  /// Flags of the compiler, which stand in strings.
  private static let flags = ["-Ounchecked", "-enforce-exclusivity=unchecked", "-disable-bounds-checks"]

  /// The one place that writes for people.
  private static let console = "Sources/gibbon/Console.swift"

  static func violations(in file: SourceFile) -> [Violation] {
    guard !file.code.isEmpty else { return [] }
    var violations: [Violation] = []
    for word in self.words where self.applies(word, to: file) && file.mentions(word.text, inComments: word.isComment) {
      for (index, line) in (word.isComment ? file.comments : file.code).enumerated() where line.contains(word.text) {
        guard self.stands(word.text, alone: line) else { continue }
        violations.append(Violation(file, line: index + 1, "\(word.text) — write \(word.instead)"))
      }
    }
    if file.isSwift { violations += self.forcedUnwraps(in: file) }
    if file.path == "Package.swift" {
      for (index, line) in file.lines.enumerated() {
        for flag in self.flags where line.contains(flag) {
          violations.append(Violation(file, line: index + 1, "\(flag) — checks stay on in every build"))
        }
      }
    }
    return violations
  }

  private static func applies(_ word: Word, to file: SourceFile) -> Bool {
    switch word.place {
    case .everywhere: true
    case .sources: file.root == "Sources" && !(word.text == "print(" && file.path == self.console)
    case .tests: file.root == "Tests"
    case .sourcesAndTests: file.root == "Sources" || file.root == "Tests"
    }
  }

  /// Not a part of a longer name, nor a member of that name.
  static func stands(_ word: String, alone line: String) -> Bool {
    let bytes = Array(line.utf8)
    let wanted = Array(word.utf8)
    guard bytes.count >= wanted.count else { return false }
    for start in 0...bytes.count - wanted.count where bytes[start..<start + wanted.count].elementsEqual(wanted) {
      let before = start > 0 ? bytes[start - 1] : UInt8(ascii: " ")
      let end = start + wanted.count
      let after = end < bytes.count ? bytes[end] : UInt8(ascii: " ")
      let isMember = before == UInt8(ascii: ".") && wanted.last == UInt8(ascii: "(")
      let isLonger = self.isNamePart(wanted[wanted.count - 1]) && self.isNamePart(after)
      // A declaration of that name is another function.
      let isDeclared = line.contains("func \(word)")
      if !self.isNamePart(before), !isMember, !isLonger, !isDeclared { return true }
    }
    return false
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: byte >= 0x80
    }
  }

  /// `x!`, `f()!`, `a[0]!`, and types that unwrap themselves.
  static func forcedUnwraps(in file: SourceFile) -> [Violation] {
    guard file.mentions("!") else { return [] }
    return file.code.enumerated().compactMap { index, line in
      line.contains("!") && self.forcesUnwrap(line)
        ? Violation(file, line: index + 1, "a forced unwrap — write guard let, or #require in a test") : nil
    }
  }

  static func forcesUnwrap(_ line: String) -> Bool {
    let bytes = Array(line.utf8)
    for index in bytes.indices where bytes[index] == UInt8(ascii: "!") && index > 0 {
      let before = bytes[index - 1]
      let after = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: " ")
      guard self.isNamePart(before) || before == UInt8(ascii: ")") || before == UInt8(ascii: "]") else { continue }
      if after == UInt8(ascii: "=") { continue }
      // Reported under their own names.
      let word = bytes[..<index].split { !self.isNamePart($0) }.last ?? []
      if !word.elementsEqual("try".utf8), !word.elementsEqual("as".utf8) { return true }
    }
    return false
  }
}
