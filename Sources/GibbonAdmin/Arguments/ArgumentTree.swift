// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// Nests the arguments of a form by their names, as `ArgumentName` says.
///
/// Leaves are texts, and true for names without `=`. A name given several times has a list of values. What
/// different names say about the same place is merged.
enum ArgumentTree {
  /// The arguments as an object, in the order of the names' first appearance.
  static func build(_ pairs: [FormPair]) -> Result<JSONObject, ArgumentError> {
    guard pairs.count <= FormDecoder.maxCount else { return .failure(.tooMany) }
    let root = ArgumentTable()
    for (name, values) in Self.grouped(pairs) {
      guard let path = ArgumentName(name) else { return .failure(.tooDeep) }
      root.merge(.table(Self.table(of: path, values: values)))
    }
    return .success(root.object())
  }

  private static func grouped(_ pairs: [FormPair]) -> [(name: String, values: [JSONValue])] {
    var groups: [(name: String, values: [JSONValue])] = []
    var places: [String: Int] = [:]
    for pair in pairs {
      if let place = places[pair.name] {
        groups[place].values.append(pair.value.json)
      } else {
        places[pair.name] = groups.count
        groups.append((pair.name, [pair.value.json]))
      }
    }
    return groups
  }

  /// A table with nothing but that name's values.
  private static func table(of name: ArgumentName, values: [JSONValue]) -> ArgumentTable {
    let root = ArgumentTable()
    var table = root
    for (index, segment) in name.segments.enumerated() {
      for step in segment.dropLast() { table = table.table(at: Self.key(step)) }
      guard let last = segment.last else { continue }
      if index == name.segments.count - 1 {
        Self.put(values, at: last, in: table)
      } else if last != .next {
        // `a[].b` is `a.b` in Kong.
        table = table.table(at: Self.key(last))
      }
    }
    return root
  }

  private static func put(_ values: [JSONValue], at step: ArgumentName.Step, in table: ArgumentTable) {
    let leaves = values.map { ArgumentTable.Value.leaf($0) }
    switch step {
    case .next:
      for leaf in leaves { table.append(leaf) }
    case .member, .element:
      if let first = leaves.first {
        table.set(Self.key(step), to: leaves.count == 1 ? first : .table(ArgumentTable(list: leaves)))
      }
    }
  }

  /// `[]` before other brackets is the first element.
  private static func key(_ step: ArgumentName.Step) -> ArgumentTable.Key {
    switch step {
    case .member(let name): .member(name)
    case .element(let position): .position(position)
    case .next: .position(1)
    }
  }
}
