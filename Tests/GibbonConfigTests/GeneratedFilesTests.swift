// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct GeneratedFilesTests {
  /// The repository, from this file's own place.
  private static func repositoryFile(_ name: String, from file: String = #filePath) throws -> String {
    let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
    return try FileText.read("/\(root)/\(name)")
  }

  @Test func theReferencePageIsWhatTheTableGenerates() throws {
    let file = try Self.repositoryFile("docs/configuration.md")
    #expect(file == Reference.text, "run: gibbon config defaults --format markdown > docs/configuration.md")
  }

  @Test func theDefaultFileIsWhatTheTableGenerates() throws {
    let file = try Self.repositoryFile("gibbon.conf.default")
    #expect(file == DefaultFile.text, "run: gibbon config defaults --format conf > gibbon.conf.default")
  }

  @Test func theDefaultFileWithItsValuesUncommentedIsAValidConfiguration() throws {
    let lines = DefaultFile.text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      // Explanations have a space after the mark, titles more marks.
      let isValue = line.first == "#" && line.dropFirst().first?.isLetter == true || line.hasPrefix("#_")
      return isValue ? String(line.dropFirst()) : String(line)
    }
    let file = ConfigurationFile(text: lines.joined(separator: "\n"), path: "gibbon.conf")
    #expect(file.problems.isEmpty)
    #expect(file.entries.map(\.name) == PropertyTable.all.map(\.name))
    for entry in file.entries {
      #expect(entry.value == PropertyTable.property(named: entry.name)?.defaultText ?? "")
    }
  }
}
