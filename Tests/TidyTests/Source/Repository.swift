// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation

/// Every text file of the repository that a rule looks at, read once.
struct Repository: Sendable {
  let root: String
  let files: [SourceFile]
  /// Every path there is, folders included, for links.
  let paths: Set<String>

  static let shared = Repository()

  /// Where rules look for code; other folders are only there for links.
  private static let codeRoots: Set<String> = ["Sources", "Tests", "Benchmarks", "Fuzz", "Package.swift"]
  private static let skipped: Set<String> = [".build", ".git", ".swiftpm", "Fixtures", "corpus", "node_modules"]

  private init() {
    // Tests/TidyTests/Source/Repository.swift; a build elsewhere may reach it by a link.
    var root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<4 { root = root.deletingLastPathComponent() }
    self.root = root.path
    var walk = Walk(root: root.path)
    walk.visit("", isCode: false)
    self.files = walk.files
    self.paths = walk.paths
  }

  private struct Walk {
    let root: String
    var files: [SourceFile] = []
    var paths: Set<String> = []

    mutating func visit(_ folder: String, isCode: Bool) {
      let manager = FileManager.default
      let names = (try? manager.contentsOfDirectory(atPath: "\(self.root)/\(folder)")) ?? []
      for name in names.sorted() where !name.hasPrefix(".") || name == ".github" {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        let isCode = isCode || Repository.codeRoots.contains(path)
        self.paths.insert(path)
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: "\(self.root)/\(path)", isDirectory: &isFolder) else { continue }
        if isFolder.boolValue {
          if !Repository.skipped.contains(name) { self.visit(path, isCode: isCode) }
        } else if path.hasSuffix(".md") || isCode && SourceFile.isCode(path) {
          guard let data = manager.contents(atPath: "\(self.root)/\(path)") else { continue }
          self.files.append(SourceFile(path: path, text: String(decoding: data, as: UTF8.self)))
        }
      }
    }
  }
}
