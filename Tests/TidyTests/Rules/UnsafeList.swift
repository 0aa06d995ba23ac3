// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The pages that list unsafe code are complete: whoever judges the gateway by them finds every place.
enum UnsafeList {
  static let pages = ["ARCHITECTURE.md", "SECURITY.md"]

  private static let words = ["unsafe ", "@unchecked Sendable", "nonisolated(unsafe)"]

  /// Sources with unsafe code of which a page names neither the module nor the file.
  ///
  /// - Parameter pages: the text of each page by its path.
  static func violations(in files: [SourceFile], pages: [String: String]) -> [Violation] {
    var violations: [Violation] = []
    for file in files where file.isSwift && file.root == "Sources" && self.isUnsafe(file) {
      let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
      for (page, text) in pages.sorted(by: { $0.key < $1.key }) {
        let isNamed = text.contains("`\(file.target)`") || text.contains("`\(name)`")
        if !isNamed { violations.append(Violation(path: file.path, "has unsafe code that \(page) does not list")) }
      }
    }
    return violations
  }

  private static func isUnsafe(_ file: SourceFile) -> Bool {
    self.words.contains { word in file.code.contains { $0.contains(word) } }
  }
}
