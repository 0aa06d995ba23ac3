// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension RecordErrors {
  /// Kong's one-line summary: `schema violation (a: msg)` or `N schema violations (x; y; a.b: z)`, those of
  /// the entity first, then fields by name.
  public var message: String {
    var parts = self.entity
    for (name, error) in self.fields.sorted(by: { $0.key < $1.key }) {
      switch error.withoutEntries {
      case .message(let message): parts.append("\(name): \(message)")
      case .entry: break
      case .elements(let errors):
        for (index, error) in errors.sorted(by: { $0.key < $1.key }) {
          // Lua counts from one.
          parts.append("\(name).\(index + 1): \(error.luaText(indent: ""))")
        }
      case .record(let errors):
        if !errors.entity.isEmpty {
          parts.append("\(name).@entity: \(ErrorTree.luaList(errors.entity, indent: ""))")
        }
        for (inner, error) in errors.fields.sorted(by: { $0.key < $1.key }) {
          parts.append("\(name).\(inner): \(error.luaText(indent: ""))")
        }
      }
    }
    let list = parts.joined(separator: "; ")
    return parts.count == 1 ? "schema violation (\(list))" : "\(parts.count) schema violations (\(list))"
  }
}

extension ErrorTree {
  fileprivate var withoutEntries: ErrorTree {
    if case .entry(_, let error) = self { error.withoutEntries } else { self }
  }

  /// Errors deeper than two levels are written as Lua tables, as Kong does.
  fileprivate func luaText(indent: String) -> String {
    let inner = indent + "  "
    switch self.withoutEntries {
    case .message(let message): return indent.isEmpty ? message : ErrorTree.quoted(message)
    case .entry: return ""
    case .elements(let errors):
      let rows = errors.sorted { $0.key < $1.key }.map { index, error in
        "\(inner)[\(index + 1)] = \(error.luaText(indent: inner))"
      }
      return ErrorTree.table(rows, indent: indent)
    case .record(let errors):
      var rows: [String] = []
      if !errors.entity.isEmpty {
        rows.append("\(inner)[\"@entity\"] = \(ErrorTree.luaList(errors.entity, indent: inner))")
      }
      for (name, error) in errors.fields.sorted(by: { $0.key < $1.key }) {
        rows.append("\(inner)\(name) = \(error.luaText(indent: inner))")
      }
      return ErrorTree.table(rows, indent: indent)
    }
  }

  fileprivate static func luaList(_ messages: [String], indent: String) -> String {
    Self.table(messages.map { "\(indent)  \(Self.quoted($0))" }, indent: indent)
  }

  private static func table(_ rows: [String], indent: String) -> String {
    "{\n" + rows.joined(separator: ",\n") + "\n\(indent)}"
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
  }
}
