// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A value of Lua and its text as Penlight's `pretty.write` shows it, which is how Kong puts tables into messages.
public indirect enum LuaValue: Sendable {
  case text(String)
  /// Numbers, truth values: written as they are.
  case literal(String)
  case table(positions: [Int: LuaValue], members: [(name: String, value: LuaValue)])

  /// On one line: `{id="…",name="x"}`.
  public var compact: String {
    var lines: [String] = []
    self.write(to: &lines, layout: Layout(indent: "", equals: "="), indent: "", outer: "", prefix: "")
    return Self.ended(lines).joined()
  }

  /// A line for each value, two spaces deeper in each table.
  public var pretty: String {
    var lines: [String] = []
    self.write(to: &lines, layout: Layout(indent: "  ", equals: " = "), indent: "  ", outer: "", prefix: "")
    return Self.ended(lines).joined(separator: "\n")
  }

  private struct Layout {
    let indent: String
    let equals: String
  }

  /// The lines without the comma that would follow the value.
  private static func ended(_ lines: [String]) -> [String] {
    guard let last = lines.last, last.utf8.last == UInt8(ascii: ",") else { return lines }
    return lines.dropLast() + [String(last.dropLast())]
  }

  private func write(to lines: inout [String], layout: Layout, indent: String, outer: String, prefix: String) {
    switch self {
    case .text(let text): lines.append(prefix + Self.quoted(text) + ",")
    case .literal(let text): lines.append(prefix + text + ",")
    case .table(let positions, let members):
      lines.append(prefix + "{")
      let inner = indent + layout.indent
      var next = 1
      while let value = positions[next] {
        value.write(to: &lines, layout: layout, indent: inner, outer: indent, prefix: indent)
        next += 1
      }
      for (name, value) in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
        let key = Self.isIdentifier(name) ? name : "[\(Self.quoted(name))]"
        value.write(to: &lines, layout: layout, indent: inner, outer: indent, prefix: indent + key + layout.equals)
      }
      for position in positions.keys.sorted() where position >= next || position < 1 {
        positions[position]?.write(
          to: &lines, layout: layout, indent: inner, outer: indent, prefix: "\(indent)[\(position)]\(layout.equals)")
      }
      lines = Self.ended(lines)
      lines.append(outer + "},")
    }
  }

  private static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or",
    "repeat", "return", "then", "true", "until", "while",
  ]

  private static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, !first.isASCIIDigit, !Self.keywords.contains(name) else { return false }
    return name.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
  }

  /// Between double quotes, or between long brackets where lines end or brackets meet.
  private static func quoted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let level = Self.bracketLevel(bytes)
    if bytes.contains(.lineFeed) || level != nil, !bytes.contains(.carriageReturn) {
      let signs = String(repeating: "=", count: (level ?? -1) + 1)
      return "[\(signs)[" + (bytes.first == .lineFeed ? "\n" : "") + text + "]\(signs)]"
    }
    var output = [UInt8(ascii: "\"")]
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), .lineFeed: output += [UInt8(ascii: "\\"), byte]
      case 0..<0x20, 0x7F:
        let isBeforeDigit = index + 1 < bytes.count && bytes[index + 1].isASCIIDigit
        let digits = String(byte)
        output.append(UInt8(ascii: "\\"))
        output += String(repeating: "0", count: isBeforeDigit ? 3 - digits.utf8.count : 0).utf8
        output += digits.utf8
      default: output.append(byte)
      }
    }
    return String(decoding: output + [UInt8(ascii: "\"")], as: UTF8.self)
  }

  /// The most equal signs between two brackets of the same kind; nil where no two meet.
  private static func bracketLevel(_ bytes: [UInt8]) -> Int? {
    var level: Int?
    var open: (bracket: UInt8, signs: Int)?
    for byte in bytes + [UInt8(ascii: "]")] {
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "]"):
        if let open, open.bracket == byte { level = max(level ?? 0, open.signs) }
        open = (byte, 0)
      case UInt8(ascii: "="): open?.signs += 1
      default: open = nil
      }
    }
    return level
  }
}

extension LuaValue {
  /// A list.
  public static func list(_ values: [LuaValue]) -> LuaValue {
    .table(
      positions: Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0 + 1, $1) }), members: [])
  }

  /// Lists begin at 1, and what is null in them is not there.
  public init(_ value: JSONValue) {
    switch value {
    case .string(let text): self = .text(text)
    case .array(let values):
      var positions: [Int: LuaValue] = [:]
      for (index, value) in values.enumerated() where !value.isNull { positions[index + 1] = LuaValue(value) }
      self = .table(positions: positions, members: [])
    case .object(let object):
      self = .table(positions: [:], members: object.members.map { ($0.key, LuaValue($0.value)) })
    default: self = .literal(value.description)
    }
  }
}
