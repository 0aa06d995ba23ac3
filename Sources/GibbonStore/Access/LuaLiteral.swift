// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// Values as Lua writes them, which is how Kong shows them in messages: `{id="…",name="x"}`.
public enum LuaLiteral {
  /// Keys are sorted, so that equal values give equal texts.
  public static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .string(let text): Self.quoted(text)
    case .array(let values): "{" + Self.elements(values) + "}"
    case .object(let object):
      "{"
        + object.members.sorted { $0.key < $1.key }
        .map { "\(Self.key($0.key))=\(Self.text($0.value))" }.joined(separator: ",") + "}"
    default: value.description
    }
  }

  /// Positions are written once one before them is null, counted from 1.
  private static func elements(_ values: [JSONValue]) -> String {
    let hasGaps = values.contains(where: \.isNull)
    return values.enumerated().filter { !$1.isNull }
      .map { hasGaps ? "[\($0 + 1)]=\(Self.text($1))" : Self.text($1) }.joined(separator: ",")
  }

  private static func key(_ name: String) -> String {
    let isName = !name.isEmpty && name.utf8.allSatisfy { $0 == 0x5F || $0.isASCIIWord }
    return isName && !(0x30...0x39).contains(name.utf8.first ?? 0x30) ? name : "[\(Self.quoted(name))]"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}

extension UInt8 {
  fileprivate var isASCIIWord: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}
