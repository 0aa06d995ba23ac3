// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

/// The rules of the house, checked on every file. Each test names all that is against its rule at once.
@Suite struct TidyTests {
  private static let repository = Repository.shared
  private static var code: [SourceFile] { self.repository.files.filter { !$0.code.isEmpty } }

  private func check(_ violations: [Violation], _ location: SourceLocation = #_sourceLocation) {
    let list = violations.map { "  \($0)" }.joined(separator: "\n")
    if !violations.isEmpty { Issue.record("\(violations.count) violations:\n\(list)", sourceLocation: location) }
  }

  @Test func theRepositoryWasFound() {
    let code = Self.code
    let pages = Self.repository.files.count - code.count
    print("checked \(code.count) files of code with \(code.reduce(0) { $0 + $1.lines.count }) lines, \(pages) pages")
    #expect(code.contains { $0.path == "Package.swift" })
    #expect(code.contains { $0.path.hasPrefix("Sources/GibbonCore/") })
    #expect(code.contains { $0.path.hasPrefix("Tests/TidyTests/") })
  }

  @Test func importsPointInward() { self.check(Self.code.flatMap { ImportRules.violations(in: $0) }) }

  @Test func linesFunctionsAndFilesAreShort() {
    for file in Self.code where file.lines.count > LengthRules.sourceFileLines {
      print("over \(LengthRules.sourceFileLines) lines: \(file.path), \(file.lines.count)")
    }
    self.check(Self.code.flatMap { LengthRules.violations(in: $0) })
  }

  @Test func filesBeginWithTheirLicence() { self.check(Self.code.flatMap { HeaderRules.violations(in: $0) }) }

  @Test func whatIsBannedIsNotWritten() { self.check(Self.code.flatMap { BannedWords.violations(in: $0) }) }

  @Test func wireTextIsBytes() {
    self.check(Self.code.flatMap { WireText.violations(in: $0) } + WireText.needlessExemptions(Self.code))
  }

  @Test func unsafeCodeComesWithItsProof() { self.check(Self.code.flatMap { HeaderRules.unprovenEscapes(in: $0) }) }

  @Test func everyModuleHasTests() { self.check(LayoutRules.untestedModules(Self.code)) }

  @Test func linksOfThePagesResolve() {
    self.check(Self.repository.files.flatMap { LayoutRules.brokenLinks(in: $0, paths: Self.repository.paths) })
  }
}
