// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension RecordErrors {
  /// Kong's one-line summary: `schema violation (a: msg)` or `N schema violations (x; y; a.b: z)`, those of the entity
  /// first, then fields by name.
  public var message: String {
    var parts = self.entity
    for (name, error) in self.fields.sorted(by: { $0.key < $1.key }) {
      switch error.luaValue {
      case .table(let positions, let members):
        for (position, value) in positions.sorted(by: { $0.key < $1.key }) {
          parts.append("\(name).\(position): \(value.inMessage)")
        }
        for (inner, value) in members.sorted(by: { $0.name < $1.name }) {
          parts.append("\(name).\(inner): \(value.inMessage)")
        }
      case let value: parts.append("\(name): \(value.inMessage)")
      }
    }
    let list = parts.joined(separator: "; ")
    if self.isTruncated { return "more than \(parts.count) schema violations (\(list))" }
    return parts.count == 1 ? "schema violation (\(list))" : "\(parts.count) schema violations (\(list))"
  }
}

extension ErrorTree {
  /// The errors as a table of Lua, which counts from one.
  var luaValue: LuaValue {
    switch self {
    case .message(let message): return .text(message)
    case .entry(_, let error): return error.luaValue
    case .elements(let errors):
      return .table(
        positions: Dictionary(uniqueKeysWithValues: errors.map { ($0.key + 1, $0.value.luaValue) }), members: [])
    case .record(let errors):
      var members = errors.fields.map { ($0.key, $0.value.luaValue) }
      if !errors.entity.isEmpty { members.append(("@entity", .list(errors.entity.map { .text($0) }))) }
      return .table(positions: [:], members: members)
    }
  }
}

extension LuaValue {
  /// A text as it is; tables over several lines.
  fileprivate var inMessage: String {
    if case .text(let text) = self { text } else { self.pretty }
  }
}
