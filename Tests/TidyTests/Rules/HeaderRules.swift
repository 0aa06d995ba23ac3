// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Licence lines, and proofs beside unsafe code.
enum HeaderRules {
  static let header = [
    "// SPDX-License-Identifier: Apache-2.0",
    "// SPDX-FileCopyrightText: the Gibbon authors",
  ]

  /// The first two lines of every file of code; after the tools version, which SwiftPM wants first.
  static func violations(in file: SourceFile) -> [Violation] {
    guard !file.code.isEmpty || SourceFile.isCode(file.path) else { return [] }
    var lines = file.lines[...]
    if lines.first?.hasPrefix("// swift-tools-version") == true { lines = lines.dropFirst() }
    return lines.prefix(2).elementsEqual(self.header)
      ? [] : [Violation(file, line: lines.startIndex + 1, "expected the two SPDX lines")]
  }

  /// Ways out of what the compiler proves.
  private static let escapes = [
    "@unchecked Sendable", "nonisolated(unsafe)", "unowned(unsafe)", "unsafeBitCast(", "unsafeDowncast(",
  ]
  private static let linesBefore = 6

  static func unprovenEscapes(in file: SourceFile) -> [Violation] {
    guard self.escapes.contains(where: { file.mentions($0) }) else { return [] }
    var violations: [Violation] = []
    for (index, line) in file.code.enumerated() {
      guard line.contains("unsafe") || line.contains("@unchecked") else { continue }
      for escape in self.escapes where line.contains(escape) && !self.isProven(index, in: file) {
        violations.append(Violation(file, line: index + 1, "\(escape) without a Safety: comment above"))
      }
    }
    return violations
  }

  /// A comment with `Safety:` on the line, within six lines above it, or in a comment that reaches into them.
  private static func isProven(_ index: Int, in file: SourceFile) -> Bool {
    var line = index
    while line >= 0 {
      if file.comments[line].contains("Safety:") { return true }
      line -= 1
      let isInReach = line >= index - self.linesBefore
      if line >= 0, !isInReach, !file.lines[line].drop(while: { $0 == " " }).hasPrefix("//") { return false }
    }
    return false
  }
}
