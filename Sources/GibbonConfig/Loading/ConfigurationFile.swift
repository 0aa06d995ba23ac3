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
    if let message = Self.stranger(text) {
      self.problems = [ConfigurationProblem(property: nil, message: message, source: .file(path: path, line: 1))]
      return
    }
    var joined = ""
    var firstLine = 1
    var number = 0
    // A byte order mark, which some editors put there, is not part of the first name.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
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
        ? "sections such as '\(content)' are not used; remove the line" : "expected 'name = value', found '\(content)'"
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

  /// What a file is instead, where its lines are YAML's and not `name = value`.
  private static func stranger(_ text: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline).map { ListText.trimmed($0) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix(";") }
    guard !lines.isEmpty, !lines.contains(where: { $0.contains("=") }) else { return nil }
    let keys = Set(lines.compactMap(Self.key))
    if keys.contains("_format_version") || keys.contains("services") && keys.contains("routes") {
      return "this is a declarative configuration: give its path by the property declarative_config "
        + "(GIBBON_DECLARATIVE_CONFIG=FILE), not by -c"
    }
    guard keys.count * 2 > lines.count || !keys.isDisjoint(with: Self.keysOfYAML) else { return nil }
    return
      "this is a configuration in YAML, as Kong had it up to its version 0.5 (2015). Since then the file has lines "
      + "such as 'proxy_listen = 0.0.0.0:8000': 'gibbon config defaults > gibbon.conf' writes one with all properties. "
      + "What was 'databases_available: cassandra: properties: contact_points:' is cassandra_contact_points, "
      + "'keyspace:' is cassandra_keyspace, 'proxy_port' and 'admin_api_port' are proxy_listen and admin_listen"
  }

  /// Of such a file.
  private static let keysOfYAML: Set<String> = [
    "plugins_available", "databases_available", "proxy_port", "admin_api_port", "contact_points", "nginx",
    "proxy_listen", "cassandra", "custom_plugins",
  ]

  /// The key of `key:` or `key: value`.
  private static func key(_ line: String) -> String? {
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let next = line.utf8.index(after: colon)
    guard next == line.utf8.endIndex || line.utf8[next] == UInt8(ascii: " ") else { return nil }
    return String(line[..<colon])
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
