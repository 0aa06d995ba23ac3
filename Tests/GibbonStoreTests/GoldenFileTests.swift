// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import Testing

/// Each file in `Fixtures` is a declarative file, a line of dashes, and what it means. The file's name says
/// the format: `*.yml.txt` or `*.json.txt`.
@Suite struct GoldenFileTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: Self.folder.path)) ?? [])
    .filter { $0.hasSuffix(".txt") }.sorted()

  private static let separator = "\n" + String(repeating: "-", count: 40) + "\n"

  @Test func thereAreFixtures() {
    #expect(Self.names.count > 10)
  }

  @Test(arguments: names)
  func meansWhatItSays(name: String) throws {
    let url = Self.folder.appendingPathComponent(name)
    let text = try String(contentsOf: url, encoding: .utf8)
    let parts = text.components(separatedBy: Self.separator)
    let file = name.hasSuffix(".json.txt") ? "kong.json" : "kong.yml"
    let found = reading(of: parts[0] + "\n", file: file)
    if ProcessInfo.processInfo.environment["GIBBON_TEST_RECORD"] != nil {
      try (parts[0] + Self.separator + found + "\n").write(to: url, atomically: true, encoding: .utf8)
      return
    }
    let expected = parts.count > 1 ? parts[1].trimmingCharacters(in: .newlines) : "(nothing recorded)"
    #expect(found == expected)
  }
}
