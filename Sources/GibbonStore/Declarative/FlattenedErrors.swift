// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// The problems entity by entity, as `/config?flatten_errors=1` shows them, in Kong's order.
extension DeclarativeErrors {
  /// Those that are about no entity, shaped like the document. Kong leaves out what it cannot find in the document by
  /// its place: references, and unique fields.
  public var outsideOfEntities: ErrorTree { Self.tree(of: self.found.filter { $0.entityDepth == 0 }) }

  /// One object for each entity with problems: which it is, what it looked like, and what is wrong.
  public var flattened: [JSONObject] {
    var order: [[SourceMap.Step]] = []
    var groups: [[SourceMap.Step]: [DeclarativeProblem]] = [:]
    for problem in self.found where problem.entityDepth > 0 && problem.isInPlace {
      let entity = Array(problem.path.prefix(problem.entityDepth))
      if groups[entity] == nil { order.append(entity) }
      groups[entity, default: []].append(problem)
    }
    return order.sorted(by: Self.isBefore).compactMap { groups[$0].flatMap(self.flattened) }
  }

  /// The last collection and element of the document first, entities before the one that they are nested in.
  private static func isBefore(_ left: [SourceMap.Step], _ right: [SourceMap.Step]) -> Bool {
    for (first, second) in zip(left, right) where first != second {
      switch (first, second) {
      case (.key(let first), .key(let second)): return first > second
      case (.index(let first), .index(let second)): return first > second
      default: return false
      }
    }
    return left.count > right.count
  }

  private func flattened(_ problems: [DeclarativeProblem]) -> JSONObject? {
    guard let first = problems.first, let collection = first.collection else { return nil }
    let path = first.path.prefix(first.entityDepth)
    let entity = self.value(at: path)?.objectValue ?? [:]
    var shown = JSONObject(
      distinct: entity.members.filter { member in
        guard first.nestedCollections.contains(member.key) else { return true }
        return member.value.arrayValue == nil && member.value.objectValue == nil
      })
    if let field = first.parentField, shown[field] == nil,
      let parent = self.value(at: path.dropLast(2))?["id"]?.stringValue, parent.isUUID
    {
      shown[field] = ["id": .string(parent)]
    }
    // By field from the last to the first, then what is about the whole.
    let fields = problems.filter { !$0.isAboutEntity }.map(Self.error).sorted { $0.field > $1.field }
    let whole = problems.filter(\.isAboutEntity).map(Self.error)
    var object: JSONObject = [
      "entity_type": .string(collection.hasSuffix("s") ? String(collection.dropLast()) : collection),
      "entity": .object(shown), "errors": .array((fields + whole).map { .object($0.json) }),
    ]
    if let name = entity["name"]?.stringValue, !name.isEmpty { object["entity_name"] = .string(name) }
    if let id = entity["id"]?.stringValue, id.isUUID { object["entity_id"] = .string(id) }
    if let tags = entity["tags"]?.arrayValue, tags.allSatisfy({ $0.stringValue != nil }) {
      object["entity_tags"] = .array(tags)
    }
    return object
  }

  private static func error(_ problem: DeclarativeProblem) -> (field: String, json: JSONObject) {
    if problem.isAboutEntity || problem.stage == .links {
      return ("", ["type": "entity", "message": .string(problem.message)])
    }
    let field = problem.path.dropFirst(problem.entityDepth).map { step in
      switch step {
      case .key(let key): key
      // Counted from one, as Lua does.
      case .index(let index): String(index + 1)
      }
    }.joined(separator: ".")
    return (field, ["type": "field", "field": .string(field), "message": .string(problem.message)])
  }

  private func value(at path: some Sequence<SourceMap.Step>) -> JSONValue? {
    path.reduce(self.document) { value, step in
      switch step {
      case .key(let key): value?[key]
      case .index(let index): value?[index]
      }
    }
  }
}
