// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// The problems entity by entity, as `/config?flatten_errors=1` shows them.
extension DeclarativeErrors {
  /// Those that are about no entity, shaped like the document.
  public var outsideOfEntities: ErrorTree {
    DeclarativeErrors(self.problems.filter { $0.entityDepth == 0 }, document: self.document).tree
  }

  /// One object for each entity with problems: which it is, what it looked like, and what is wrong.
  public var flattened: [JSONObject] {
    var order: [String] = []
    var groups: [String: [DeclarativeProblem]] = [:]
    for problem in self.problems where problem.entityDepth > 0 {
      if groups[problem.entity] == nil { order.append(problem.entity) }
      groups[problem.entity, default: []].append(problem)
    }
    return order.compactMap { groups[$0].flatMap(self.flattened) }
  }

  private func flattened(_ problems: [DeclarativeProblem]) -> JSONObject? {
    guard let first = problems.first, let collection = first.collection else { return nil }
    let entity = self.document?.value(at: first.path.prefix(first.entityDepth))?.objectValue ?? [:]
    var object: JSONObject = [
      "entity_type": .string(collection.hasSuffix("s") ? String(collection.dropLast()) : collection),
      "entity": .object(Self.withoutNested(entity)),
      "errors": .array(problems.map { .object(Self.error($0)) }),
    ]
    if let name = entity["name"]?.stringValue, !name.isEmpty { object["entity_name"] = .string(name) }
    if let id = entity["id"]?.stringValue, id.isUUID { object["entity_id"] = .string(id) }
    if let tags = entity["tags"]?.arrayValue, tags.allSatisfy({ $0.stringValue != nil }) {
      object["entity_tags"] = .array(tags)
    }
    return object
  }

  private static func error(_ problem: DeclarativeProblem) -> JSONObject {
    let field = problem.path.dropFirst(problem.entityDepth).map { step in
      switch step {
      case .key(let key): key
      // Counted from one, as Lua does.
      case .index(let index): String(index + 1)
      }
    }.joined(separator: ".")
    if problem.isAboutEntity, field.isEmpty { return ["type": "entity", "message": .string(problem.message)] }
    return ["type": "field", "field": .string(field), "message": .string(problem.message)]
  }

  /// The entity as it was sent, without the lists of other entities in it.
  private static func withoutNested(_ entity: JSONObject) -> JSONObject {
    JSONObject(
      distinct: entity.members.filter { member in
        guard case .array(let values) = member.value else { return true }
        return !values.contains { $0.objectValue != nil }
      })
  }
}
