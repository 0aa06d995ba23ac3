// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Text for the two generated files.
enum Wrapping {
  /// Lines of at most `width` characters where words allow.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? word : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// Markdown without its marks.
  static func plain(_ markdown: String) -> String { String(markdown.filter { $0 != "`" }) }

  /// What the reader must know about the property's effect.
  static func sentence(for property: Property) -> String? {
    switch property.status {
    case .supported: nil
    case .accepted(let reason): "Accepted, without effect: \(reason)."
    case .notYet(let reason): "Not yet: \(reason)."
    }
  }
}
