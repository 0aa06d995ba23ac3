// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation

/// What of a page can be run: its `console` blocks as commands with what they print, its whole declarative files as
/// `kong.yml`, and `<!-- run: … -->` as what a reader has done meanwhile.
enum PageExample: Equatable {
  /// A command, and the lines it prints; `…` stands for anything.
  case command(String, output: [String])
  case file(String)

  static func all(in page: String) -> [PageExample] {
    var examples: [PageExample] = []
    var block: (kind: String, lines: [String])?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if let open = block {
        if line == "```" {
          examples += Self.examples(open.kind, open.lines)
          block = nil
        } else {
          block?.lines.append(line)
        }
      } else if line.hasPrefix("```") {
        block = (String(line.dropFirst(3)), [])
      } else if line.hasPrefix("<!-- run: "), line.hasSuffix(" -->") {
        examples.append(.command(String(line.dropFirst(10).dropLast(4)), output: []))
      }
    }
    return examples
  }

  private static func examples(_ kind: String, _ lines: [String]) -> [PageExample] {
    switch kind {
    case "console": Self.commands(lines)
    case "yaml" where lines.first?.hasPrefix("_format_version") == true:
      [.file(lines.joined(separator: "\n") + "\n")]
    default: []
    }
  }

  private static func commands(_ lines: [String]) -> [PageExample] {
    var examples: [PageExample] = []
    var command: String?
    var output: [String] = []
    for line in lines {
      if let open = command, open.hasSuffix("\\"), output.isEmpty {
        command = open + "\n" + line
      } else if line.hasPrefix("$ ") {
        if let command { examples.append(.command(command, output: output)) }
        (command, output) = (String(line.dropFirst(2)), [])
      } else if command != nil {
        output.append(line)
      }
    }
    if let command { examples.append(.command(command, output: output)) }
    return examples
  }
}

/// Compares what a page says a command prints with what it prints: ids, times, numbers and folders may be others.
struct ExampleOutput {
  let lines: [String]

  init(_ text: String) {
    self.lines = text.replacingOccurrences(of: "\r\n", with: "\n").split(separator: "\n").map {
      Self.general(String($0))
    }
  }

  /// The first expected line that is not there, in order.
  func missing(_ expected: [String]) -> String? {
    var rest = self.lines[...]
    for line in expected where !line.allSatisfy({ $0 == " " }) {
      let pattern = Self.general(line)
      guard let place = rest.firstIndex(where: { Self.matches($0, pattern) }) else { return line }
      rest = rest[(place + 1)...]
    }
    return nil
  }

  private static func general(_ line: String) -> String {
    line.replacing(#//tmp/[^\s:,)]+|/[^\s:,)]*/gibbon-test[^\s:,)]*/#, with: "PATH")
      .replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "ID")
      .replacing(#/[0-9a-f]{32}/#, with: "HASH").replacing(#/\d+/#, with: "N").replacing("\r", with: "")
  }

  /// `…` stands for any text.
  private static func matches(_ line: String, _ pattern: String) -> Bool {
    var rest = line[...]
    let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() where !part.isEmpty {
      if index > 0, index == parts.count - 1 { return rest.hasSuffix(part) }
      guard let range = rest.range(of: String(part)) else { return false }
      if index == 0, range.lowerBound != rest.startIndex { return false }
      rest = rest[range.upperBound...]
    }
    return rest.isEmpty || pattern.hasSuffix("…")
  }
}
