// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How long lines, functions and files may be.
enum LengthRules {
  static let lineColumns = 120
  static let functionLines = 70
  static let sourceFileLines = 400
  static let anyFileLines = 700

  static func violations(in file: SourceFile) -> [Violation] {
    guard !file.code.isEmpty else { return [] }
    var violations: [Violation] = []
    let limit = file.root == "Sources" ? self.sourceFileLines : self.anyFileLines
    if file.lines.count > limit {
      violations.append(Violation(file, "\(file.lines.count) lines, at most \(limit): split it by concern"))
    }
    for (index, line) in file.lines.enumerated() where line.utf8.count > self.lineColumns {
      let columns = line.unicodeScalars.count
      if columns > self.lineColumns {
        violations.append(Violation(file, line: index + 1, "\(columns) columns, at most \(self.lineColumns)"))
      }
    }
    if file.isSwift { violations += self.longFunctions(in: file) }
    return violations
  }

  private static func longFunctions(in file: SourceFile) -> [Violation] {
    var violations: [Violation] = []
    for (index, line) in file.code.enumerated() where line.contains("func ") || line.contains("init") {
      guard self.startsFunction(line), let end = self.end(ofFunctionAt: index, in: file.code) else { continue }
      let count = end - index + 1
      if count > self.functionLines {
        violations.append(
          Violation(file, line: index + 1, "a function of \(count) lines, at most \(self.functionLines)"))
      }
    }
    return violations
  }

  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "private", "fileprivate", "open", "static", "class", "final", "override",
    "mutating", "nonmutating", "consuming", "borrowing", "required", "convenience", "nonisolated", "isolated",
    "nonisolated(nonsending)", "nonisolated(unsafe)", "prefix", "postfix", "infix", "indirect", "distributed",
    "dynamic",
  ]

  /// Whether a function or initialiser is declared on this line.
  static func startsFunction(_ line: String) -> Bool {
    for word in line.split(separator: " ") {
      if word == "func" { return true }
      if ["init(", "init?(", "init<", "init?<"].contains(where: { word.hasPrefix($0) }) { return true }
      if !self.modifiers.contains(word), !word.hasPrefix("@") { return false }
    }
    return false
  }

  /// The line of the brace that closes the body; nil for a requirement of a protocol, which has none.
  static func end(ofFunctionAt start: Int, in code: [String]) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in start..<code.count {
      // A new line outside of parentheses goes on with the signature only like this.
      let isBetween = index > start && braces == 0 && parentheses == 0
      if isBetween, !self.continues(code[index], after: code[index - 1]) { return nil }
      for byte in code[index].utf8 {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["): if braces == 0 { parentheses += 1 }
        case UInt8(ascii: ")"), UInt8(ascii: "]"): if braces == 0 { parentheses -= 1 }
        case UInt8(ascii: "{"): if parentheses == 0 { braces += 1 }
        case UInt8(ascii: "}") where parentheses == 0:
          braces -= 1
          if braces == 0 { return index }
          if braces < 0 { return nil }
        default: break
        }
      }
    }
    return nil
  }

  private static func continues(_ line: String, after previous: String) -> Bool {
    let text = line.drop { $0 == " " }
    if text.isEmpty { return false }
    if previous.last(where: { $0 != " " }) == "," { return true }
    return ["{", "->", "where ", "async", "throws", "rethrows", ")"].contains { text.hasPrefix($0) }
  }
}
