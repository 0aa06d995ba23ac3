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
  var problems: [DeclarativeProblem] = []
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
    self.problems.append(
      DeclarativeProblem(
        path: path, entityDepth: 0, collection: nil, entityName: nil, message: message,
        value: self.value(at: path), isAboutEntity: false, position: nil))
  }

  mutating func report(_ message: String, in entry: Int, at field: [SourceMap.Step] = [], isAboutEntity: Bool = false) {
    self.problems.append(self.problem(message, in: entry, at: field, isAboutEntity: isAboutEntity))
  }

  func problem(
    _ message: String, in entry: Int, at field: [SourceMap.Step] = [], isAboutEntity: Bool = false
  ) -> DeclarativeProblem {
    let schema = self.collections[self.entries[entry].collection]
    let entityPath = self.path(of: entry)
    let object = self.entries[entry].object
    let name = schema.endpointKey.flatMap { object[$0]?.stringValue } ?? object["name"]?.stringValue
    return DeclarativeProblem(
      path: entityPath + field, entityDepth: entityPath.count, collection: schema.name,
      entityName: name ?? self.value(at: entityPath + [.key("id")])?.stringValue, message: message,
      value: self.value(at: entityPath + field), isAboutEntity: isAboutEntity, position: nil)
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
