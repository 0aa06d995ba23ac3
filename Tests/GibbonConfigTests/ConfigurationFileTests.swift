// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct ConfigurationFileTests {
  private func values(_ text: String) -> [String: String] {
    let file = ConfigurationFile(text: text, path: "f")
    return Dictionary(file.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
  }

  @Test(arguments: [
    ("log_level = debug", "debug"),
    ("  log_level=debug  ", "debug"),
    ("log_level = debug # loud", "debug"),
    ("log_level = a\\#b # c", "a#b"),
    ("log_level = a = b", "a = b"),
    ("log_level = 'a'", "'a'"),
    ("log_level =", ""),
    ("log_level = # nothing", ""),
    ("log_level = a \\\n  b", "a b"),
    ("log_level = debug\r\n", "debug"),
    ("log_level = größer", "größer"),
  ])
  func linesBecomeNamesAndValues(_ text: String, _ value: String) {
    #expect(self.values(text) == ["log_level": value])
  }

  @Test(arguments: ["", "\n\n", "# all", "   # indented = 1", "; old style = 1"])
  func commentsAndEmptyLinesGiveNothing(_ text: String) {
    let file = ConfigurationFile(text: text, path: "f")
    #expect(file.entries.isEmpty)
    #expect(file.problems.isEmpty)
  }

  @Test(arguments: [
    ("log_level", "f:1: expected 'name = value', found no '='"),
    ("\n= debug", "f:2: a name is missing before the '='"),
    ("[kong]", "f:1: sections such as '[kong]' are not used; remove the line"),
  ])
  func otherLinesAreProblemsWithTheirPlace(_ text: String, _ problem: String) {
    #expect(ConfigurationFile(text: text, path: "f").problems.map(\.description) == [problem])
  }

  @Test func lineNumbersSurviveCommentsAndContinuations() {
    let file = ConfigurationFile(text: "# one\na = 1 \\\n 2\n\nb = 3", path: "f")
    #expect(file.entries.map(\.line) == [2, 5])
  }
}
