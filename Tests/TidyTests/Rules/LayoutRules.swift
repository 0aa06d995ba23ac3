// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What belongs together: modules and their tests, pages and what they link to.
enum LayoutRules {
  /// Modules whose tests have another name than `<Module>Tests`, and why.
  private static let testedBy: [String: String] = [
    // Run as the real binary against real sockets.
    "gibbon": "EndToEndTests",
    "GibbonEngine": "EndToEndTests",
    // The suite that every store passes.
    "GibbonStoreSQLite": "GibbonStoreConformanceTests",
    // Through the plugins that use it.
    "GibbonPluginAPI": "GibbonPluginsTests",
  ]

  static func untestedModules(_ files: [SourceFile]) -> [Violation] {
    let modules = Set(files.filter { $0.root == "Sources" && $0.isSwift }.map { String($0.target) })
    let tested = Set(
      files.filter { $0.root == "Tests" && $0.isSwift && $0.code.contains { $0.contains("@Test") } }
        .map { String($0.target) })
    return modules.sorted().compactMap { module in
      let suite = "\(module)Tests"
      if tested.contains(suite) || self.testedBy[module].map(tested.contains) == true { return nil }
      return Violation(path: "Sources/\(module)", "no test in Tests/\(self.testedBy[module] ?? suite)")
    }
  }

  /// Links to files of the repository that are not there.
  static func brokenLinks(in file: SourceFile, paths: Set<String>) -> [Violation] {
    guard file.path.hasSuffix(".md") else { return [] }
    var violations: [Violation] = []
    var isFenced = false
    for (index, line) in file.lines.enumerated() {
      if line.hasPrefix("```") { isFenced.toggle() }
      guard !isFenced, line.contains("](") else { continue }
      for target in self.targets(of: line) {
        guard let path = self.resolve(target, from: file.path) else { continue }
        if !paths.contains(path) { violations.append(Violation(file, line: index + 1, "nothing at \(target)")) }
      }
    }
    return violations
  }

  private static func targets(of line: String) -> [Substring] {
    line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      part.split(separator: ")", maxSplits: 1, omittingEmptySubsequences: false).first?
        .split(separator: " ").first
    }
  }

  /// The path from the root; nil for what is not in the repository.
  static func resolve(_ target: Substring, from page: String) -> String? {
    if target.contains("://") || target.hasPrefix("mailto:") || target.hasPrefix("#") { return nil }
    let path = target.split(separator: "#", omittingEmptySubsequences: false).first ?? ""
    var parts = path.hasPrefix("/") ? [] : page.split(separator: "/").dropLast().map(String.init)
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        if parts.isEmpty { return "outside of the repository" }
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "/")
  }
}
