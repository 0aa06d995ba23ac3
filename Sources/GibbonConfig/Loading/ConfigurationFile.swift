// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The text of a configuration file, taken apart: `name = value` lines, comments, continued lines.
///
/// A `#` starts a comment unless a backslash stands before it; a line that starts with `;` is one
/// too; a backslash at the end of a line continues it on the next. Quotes are part of the value.
struct ConfigurationFile {
  struct Entry: Hashable {
    let name: String
    let value: String
    /// From 1; the first one of a continued line.
    let line: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var problems: [ConfigurationProblem] = []

  init(text: String, path: String) {
    var joined = ""
    var firstLine = 1
    var number = 0
    for raw in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      let line = ListText.trimmed(raw)
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if joined.isEmpty { firstLine = number }
      if line.hasSuffix("\\") {
        joined += line.dropLast()
        continue
      }
      self.read(joined + line, at: .file(path: path, line: firstLine), line: firstLine)
      joined = ""
    }
    if !joined.isEmpty { self.read(joined, at: .file(path: path, line: firstLine), line: firstLine) }
  }

  private mutating func read(_ line: String, at source: ValueSource, line number: Int) {
    let content = ListText.trimmed(Self.uncommented(line))
    guard let equals = content.firstIndex(of: "=") else {
      let message =
        content.hasPrefix("[")
        ? "sections such as '\(content)' are not used; remove the line" : "expected 'name = value', found no '='"
      self.problems.append(ConfigurationProblem(property: nil, message: message, source: source))
      return
    }
    let name = ListText.trimmed(content[..<equals])
    guard !name.isEmpty else {
      self.problems.append(
        ConfigurationProblem(property: nil, message: "a name is missing before the '='", source: source))
      return
    }
    let value = ListText.trimmed(content[content.index(after: equals)...])
    self.entries.append(Entry(name: name, value: value, line: number))
  }

  /// The text up to its comment, with `\#` become `#`.
  private static func uncommented(_ line: String) -> String {
    var result: [UInt8] = []
    for byte in line.utf8 {
      if byte == UInt8(ascii: "#") {
        guard result.last == UInt8(ascii: "\\") else { break }
        result.removeLast()
      }
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
