// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Finding the entities.
extension DeclarativeBuild {
  private static let headerNames: Set<String> = ["_format_version", "_transform", "_comment", "_ignore"]

  /// Takes the entities out of the top of the document and, from there, out of one another.
  mutating func collect(_ root: JSONObject) {
    for member in root where !Self.headerNames.contains(member.key) {
      guard let collection = self.collectionPositions[member.key] else {
        self.report("unknown field", at: [.key(member.key)])
        continue
      }
      self.collect(member.value, collection, parent: -1, parentField: nil)
    }
  }

  private mutating func collect(_ value: JSONValue, _ collection: Int, parent: Int, parentField: String?) {
    let items: [JSONValue]
    switch value {
    case .null: return
    case .array(let values): items = values
    case .object(let object) where object.isEmpty: items = []
    default:
      let name = self.collections[collection].name
      if parent < 0 {
        self.report("expected an array", at: [.key(name)])
      } else {
        self.report("expected an array", in: parent, at: [.key(name)])
      }
      return
    }
    // Only where it at least doubles the room: growing by little, time and again, would copy all of them each time.
    if items.count > self.entries.count { self.entries.reserveCapacity(self.entries.count + items.count) }
    for (index, item) in items.enumerated() {
      self.collect(item, collection, parent: parent, parentField: parentField, index: index)
    }
  }

  private mutating func collect(
    _ item: JSONValue, _ collection: Int, parent: Int, parentField: String?, index: Int
  ) {
    let schema = self.collections[collection]
    var given = item
    // Certificates may list their server names as plain texts, as the Admin API does.
    if case .string = item, parent >= 0, schema.name == SNI.collection { given = .object(["name": item]) }
    guard case .object(let object) = given else {
      self.entries.append(
        Entry(collection: collection, parent: parent, parentField: parentField, index: index, object: [:]))
      self.report("expected a record", in: self.entries.count - 1, isAboutEntity: true)
      self.entries.removeLast()
      return
    }
    let children = self.registry.children(of: schema.name)
    let position = self.entries.count
    self.entries.append(
      Entry(
        collection: collection, parent: parent, parentField: parentField, index: index,
        object: self.ownMembers(of: object, children)))
    if object["_comment"] != nil || object["_ignore"] != nil {
      self.checkRemarks(in: object, at: self.path(of: position))
    }
    guard !children.isEmpty else { return }
    for member in object {
      guard let child = children.first(where: { $0.schema.name == member.key }),
        let childCollection = self.collectionPositions[member.key]
      else { continue }
      self.collect(member.value, childCollection, parent: position, parentField: child.field)
    }
  }

  private func ownMembers(of object: JSONObject, _ children: [EntityRegistry.Child]) -> JSONObject {
    let isForeign = { (key: String) in
      key == "_comment" || key == "_ignore" || children.contains { $0.schema.name == key }
    }
    var own = object
    if object.members.contains(where: { isForeign($0.key) }) {
      own = JSONObject(distinct: object.members.filter { !isForeign($0.key) })
    }
    if self.migratesPaths, case .array(let paths)? = own["paths"] {
      own["paths"] = .array(
        paths.map { path in
          path.stringValue.map { .string(URIPath.migratedFromFormat2($0)) } ?? path
        })
    }
    return own
  }
}
