// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Ids and natural keys.
extension DeclarativeBuild {
  /// The namespace of Kong's ids for entities without one.
  private static let namespace = EntityID(high: 0xfd02_801f_0957_4a15, low: 0xa55a_c8d9_606f_30b5)

  /// Gives every entity an id: its own, or one that follows from its natural key, or from its content.
  mutating func assignIDs() {
    let namespaces = self.collections.map { EntityID.named($0.name, in: Self.namespace) }
    var taken: [EntityID: Int] = [:]
    for position in self.entries.indices {
      let entry = self.entries[position]
      let schema = self.collections[entry.collection]
      guard schema.primaryKey == ["id"] else { continue }
      if let given = entry.object["id"], !given.isNull {
        self.entries[position].id = given.stringValue.flatMap { EntityID(uuid: $0) }
        self.entries[position].hasNaturalID = true
        continue
      }
      let id: EntityID
      if let key = self.naturalKey(of: entry, schema) {
        id = EntityID.named(key, in: namespaces[entry.collection])
        self.entries[position].hasNaturalID = true
      } else {
        id = self.contentID(of: entry, in: namespaces[entry.collection], &taken)
      }
      self.entries[position].id = id
      self.entries[position].object["id"] = .string(id.description)
    }
  }

  /// The key whose name-based id Kong gives the entity; nil where Kong makes a random one.
  private func naturalKey(of entry: Entry, _ schema: EntitySchema) -> String? {
    if let fields = schema.cacheKey { return self.compositeKey(of: entry, schema, fields) }
    guard let endpointKey = schema.endpointKey, case .string(let key)? = entry.object[endpointKey] else { return nil }
    return key
  }

  private func compositeKey(of entry: Entry, _ schema: EntitySchema, _ fields: [String]) -> String? {
    // The star is the workspace.
    var parts = [schema.name, "*"]
    for name in fields {
      guard let field = schema.record.field(named: name), !field.traits.contains(.auto) else { return nil }
      switch entry.object[name] {
      case .string(let text): parts.append(text)
      case .object(let reference):
        guard case .string(let id)? = reference["id"] else { return nil }
        parts.append(id)
      case nil:
        if name == entry.parentField {
          guard let parent = self.entries[entry.parent].id, self.entries[entry.parent].hasNaturalID else { return nil }
          parts.append(parent.description)
        } else if field.isRequired {
          return nil
        } else {
          parts.append("")
        }
      default: continue
      }
    }
    return parts.joined(separator: ":")
  }

  /// An id from the entity's own members and its parent; equal entities are told apart by their order.
  private func contentID(of entry: Entry, in namespace: EntityID, _ taken: inout [EntityID: Int]) -> EntityID {
    let parent = entry.parent < 0 ? "" : self.entries[entry.parent].id?.description ?? ""
    let content = String(decoding: JSONValue.object(entry.object).serialized(sortingKeys: true), as: UTF8.self)
    // How many equal ones there were is kept under the id of the first.
    let first = EntityID.named("\(parent)\n0\n\(content)", in: namespace)
    let copy = taken[first, default: 0]
    taken[first] = copy + 1
    return copy == 0 ? first : EntityID.named("\(parent)\n\(copy)\n\(content)", in: namespace)
  }

  /// Makes entities findable by id and by key; reports those that are declared twice.
  mutating func buildIndex() {
    let endpointKeys = self.collections.map { schema in
      schema.endpointKey.flatMap { key in
        schema.record.field(named: key)?.traits.contains(.unique) == true ? key : nil
      }
    }
    var counts = Array(repeating: 0, count: self.collections.count)
    for entry in self.entries { counts[entry.collection] += 1 }
    for (collection, count) in counts.enumerated() {
      self.index.byID[collection].reserveCapacity(count)
      if endpointKeys[collection] != nil { self.index.byKey[collection].reserveCapacity(count) }
    }
    for position in self.entries.indices {
      let collection = self.entries[position].collection
      let schema = self.collections[collection]
      var isDuplicate = false
      if let endpointKey = endpointKeys[collection],
        case .string(let key)? = self.entries[position].object[endpointKey]
      {
        if let first = self.index.byKey[collection].updateValue(position, forKey: key) {
          self.index.byKey[collection][key] = first
          self.report(
            Self.duplicate(schema, endpointKey, key), in: position, at: [.key(endpointKey)], stage: .links,
            place: self.place(of: position))
          isDuplicate = true
        }
      }
      guard let id = self.entries[position].id else { continue }
      if let first = self.index.byID[collection].updateValue(position, forKey: id) {
        self.index.byID[collection][id] = first
        if !isDuplicate {
          self.report(
            Self.duplicate(schema, "primary key", id.description), in: position, stage: .links,
            place: self.place(of: position))
        }
      }
    }
  }

  static func duplicate(_ schema: EntitySchema, _ key: String, _ value: String) -> String {
    "uniqueness violation: '\(schema.name)' entity with \(key) set to '\(value)' already declared"
  }
}
