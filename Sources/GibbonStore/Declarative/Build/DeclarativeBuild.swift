// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// One document on its way to a configuration: entities are collected from where they stand, named, linked
/// with one another, and validated. Problems are gathered, and nothing stops at the first.
struct DeclarativeBuild {
  let document: JSONValue
  let registry: EntityRegistry
  let validator: Validator

  /// The collections of the format, parents first.
  let collections: [EntitySchema]
  /// Position in `collections` by name.
  let collectionPositions: [String: Int]
  /// The foreign fields of each collection.
  let references: [[(field: String, entity: String, deletion: Field.DeletionRule)]]
  var entries: [Entry] = []
  private(set) var problems: [DeclarativeProblem] = []
  /// Whether there are more problems than are kept.
  var isTruncated = false
  var warnings: [DeclarativeProblem] = []
  /// Paths are those of format 1.1 or 2.1.
  var migratesPaths = false

  /// One entity, where it was found.
  struct Entry {
    let collection: Int
    /// The entity it is nested in, as an index into `entries`; -1 at the top.
    let parent: Int
    /// The foreign field that nesting fills in.
    let parentField: String?
    /// The element of the array it stands in.
    let index: Int
    /// Its own members, without nested entities and remarks.
    var object: JSONObject
    /// nil where the given one is no UUID.
    var id: EntityID?
    /// Whether the id was given or follows from a natural key.
    var hasNaturalID = false
  }

  /// Lookups over all entries, by collection.
  struct Index {
    var byID: [[EntityID: Int]]
    var byKey: [[String: Int]]
  }
  var index: Index
  /// The reference made last: entities of one parent mostly follow one another, and share it.
  var lastReference: (id: EntityID, value: JSONValue)?

  init(_ document: JSONValue, registry: EntityRegistry, validator: Validator) {
    self.document = document
    self.registry = registry
    self.validator = validator
    // Tags are part of their entities.
    self.collections = registry.schemas.filter { $0.name != TagsSchema.collection }
    self.collectionPositions = Dictionary(uniqueKeysWithValues: self.collections.enumerated().map { ($1.name, $0) })
    self.references = self.collections.map(\.references)
    self.index = Index(
      byID: Array(repeating: [:], count: self.collections.count),
      byKey: Array(repeating: [:], count: self.collections.count))
  }

  mutating func run(hash: String) -> DeclarativeConfiguration {
    var configuration = DeclarativeConfiguration(hash: hash, formatVersion: "")
    guard case .object(let root) = self.document else {
      self.report("expected an object at the top of the file", at: [])
      return configuration
    }
    let transforms = self.readHeader(root, into: &configuration)
    self.collect(root)
    self.assignIDs()
    self.buildIndex()
    self.validateAll(into: &configuration, transforms: transforms)
    if !configuration.workspaces.contains(where: { $0.name == "default" }) {
      self.addDefaultWorkspace(to: &configuration)
    }
    return configuration
  }

  /// Reads the members that are about the file; returns whether entities are transformed.
  private mutating func readHeader(_ root: JSONObject, into configuration: inout DeclarativeConfiguration) -> Bool {
    switch root["_format_version"] {
    case nil, .null:
      self.report("required field missing", at: [.key("_format_version")])
    case .string(let version) where ["1.1", "2.1", "3.0"].contains(version):
      configuration.formatVersion = version
      self.migratesPaths = version != "3.0"
    case .string:
      self.report("expected one of: 1.1, 2.1, 3.0", at: [.key("_format_version")])
    default:
      self.report("expected a string", at: [.key("_format_version")])
    }
    self.checkRemarks(in: root, at: [])
    switch root["_transform"] {
    case nil, .null: return true
    case .bool(let value): return value
    default:
      self.report("expected a boolean", at: [.key("_transform")])
      return true
    }
  }

  /// `_comment` is a text and `_ignore` an array; both say nothing to the gateway.
  mutating func checkRemarks(in object: JSONObject, at path: [SourceMap.Step]) {
    if let comment = object["_comment"], !comment.isNull, comment.stringValue == nil {
      self.report("expected a string", at: path + [.key("_comment")])
    }
    if let ignore = object["_ignore"], !ignore.isNull, ignore.arrayValue == nil {
      self.report("expected an array", at: path + [.key("_ignore")])
    }
  }

  private func addDefaultWorkspace(to configuration: inout DeclarativeConfiguration) {
    let input: JSONObject = ["id": .string(Workspace.defaultID.description), "name": "default"]
    guard case .success(let object) = self.validator.validate(object: input, as: WorkspacesSchema.schema) else {
      return
    }
    configuration.append(object, to: Workspace.collection)
  }

  // MARK: Problems

  /// A problem outside of any entity.
  mutating func report(_ message: String, at path: [SourceMap.Step]) {
    guard self.hasRoom() else { return }
    self.problems.append(
      DeclarativeProblem(
        path: path, entityDepth: 0, collection: nil, entityName: nil, message: message,
        value: self.value(at: path), isAboutEntity: false, position: nil))
  }

  mutating func report(_ message: String, in entry: Int, at field: [SourceMap.Step] = [], isAboutEntity: Bool = false) {
    guard self.hasRoom() else { return }
    self.problems.append(self.problem(message, in: entry, at: field, isAboutEntity: isAboutEntity))
  }

  /// Reports what Kong looks for after every entity is right by itself, at Kong's place.
  mutating func report(
    _ message: String, in entry: Int, at field: [SourceMap.Step] = [], stage: DeclarativeProblem.Stage,
    place: [SourceMap.Step]
  ) {
    guard self.hasRoom() else { return }
    var problem = self.problem(message, in: entry, at: field, isAboutEntity: field.isEmpty)
    problem.stage = stage
    problem.place = place
    self.problems.append(problem)
  }

  /// Whether one more problem is kept. A document with more is wrong in some other way than one by one.
  private mutating func hasRoom() -> Bool {
    if self.problems.count < DeclarativeErrors.limit { return true }
    self.isTruncated = true
    return false
  }

  /// Kong's place of an entity among errors: below its own parent, wherever that one stands.
  func place(of entry: Int) -> [SourceMap.Step] {
    let (own, parent) = (self.entries[entry], self.entries[entry].parent)
    let step: [SourceMap.Step] = [.key(self.collections[own.collection].name), .index(own.index)]
    guard parent >= 0 else { return step }
    return [.key(self.collections[self.entries[parent].collection].name), .index(self.entries[parent].index)] + step
  }

  /// What Kong calls an entity: its unique key, else its id.
  func label(of entry: Int) -> String {
    let schema = self.collections[self.entries[entry].collection]
    if let key = schema.endpointKey, schema.record.field(named: key)?.traits.contains(.unique) == true,
      let text = self.entries[entry].object[key]?.stringValue
    {
      return text
    }
    return self.entries[entry].id?.description ?? "\(self.entries[entry].index + 1)"
  }

  func problem(
    _ message: String, in entry: Int, at field: [SourceMap.Step] = [], isAboutEntity: Bool = false
  ) -> DeclarativeProblem {
    let schema = self.collections[self.entries[entry].collection]
    let entityPath = self.path(of: entry)
    let object = self.entries[entry].object
    let name = schema.endpointKey.flatMap { object[$0]?.stringValue } ?? object["name"]?.stringValue
    var problem = DeclarativeProblem(
      path: entityPath + field, entityDepth: entityPath.count, collection: schema.name,
      entityName: name ?? self.value(at: entityPath + [.key("id")])?.stringValue, message: message,
      value: self.value(at: entityPath + field), isAboutEntity: isAboutEntity, position: nil)
    problem.parentField = self.entries[entry].parentField
    problem.nestedCollections = self.registry.children(of: schema.name).map(\.schema.name)
    return problem
  }

  /// The way from the top of the document to an entity.
  func path(of entry: Int) -> [SourceMap.Step] {
    let entry = self.entries[entry]
    let parent = entry.parent < 0 ? [] : self.path(of: entry.parent)
    return parent + [.key(self.collections[entry.collection].name), .index(entry.index)]
  }

  private func value(at path: [SourceMap.Step]) -> JSONValue? {
    path.reduce(Optional(self.document)) { value, step in
      switch step {
      case .key(let key): value?[key]
      case .index(let index): value?[index]
      }
    }
  }
}
