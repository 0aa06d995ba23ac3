// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Linking entities and checking them.
extension DeclarativeBuild {
  /// Stands for a parent that was not found, so that the field is not reported a second time as missing.
  private static let unknownParent: JSONValue = ["id": "00000000-0000-0000-0000-000000000000"]

  mutating func validateAll(into configuration: inout DeclarativeConfiguration, transforms: Bool) {
    var uniques = UniqueValues(self.collections)
    for position in self.entries.indices {
      let collection = self.entries[position].collection
      let schema = self.collections[collection]
      var linkErrors: [String: ErrorTree] = [:]
      var unresolved: [(field: String, message: String)] = []
      for reference in self.references[collection] {
        self.link(position, reference.field, reference.entity, &linkErrors, &unresolved)
      }
      for (place, fault) in unresolved.enumerated() {
        self.report(
          fault.message, in: position, at: [.key(fault.field)], stage: .links,
          place: [.key(schema.name), .key(self.label(of: position)), .index(place)])
      }
      guard var valid = self.validated(position, as: schema, linkErrors) else { continue }
      if transforms, !schema.transformations.isEmpty {
        switch self.validator.transformed(valid, as: schema) {
        case .success(let transformed): valid = transformed
        case .failure(let error):
          self.report(error.message, in: position, isAboutEntity: true)
          continue
        }
      }
      for (field, value) in uniques.duplicates(in: valid, of: collection) {
        self.report(
          Self.duplicate(schema, field, value), in: position, at: [.key(field)], stage: .uniqueness,
          place: [.key(schema.name), .key(self.label(of: position))])
      }
      if valid["path_handling"] == "v1" {
        self.warnings.append(
          self.problem(
            "path_handling='v1' is deprecated and will not work under 'expressions' or 'traditional_compatible' "
              + "router_flavor, please use path_handling='v0' instead",
            in: position, at: [.key("path_handling")]))
      }
      for warning in CertificateWarnings.about(valid, in: schema.name, now: self.validator.now) {
        self.warnings.append(self.problem(warning, in: position, isAboutEntity: true))
      }
      if self.problems.isEmpty { configuration.append(valid, to: schema.name) }
      // Nothing more is said of it: the room is for those that follow.
      self.entries[position].object = [:]
    }
  }

  private mutating func validated(
    _ position: Int, as schema: EntitySchema, _ linkErrors: [String: ErrorTree]
  ) -> JSONObject? {
    let result = self.validator.validate(object: self.entries[position].object, as: schema)
    if case .success(let valid) = result, linkErrors.isEmpty {
      for message in schema.deprecations(in: self.entries[position].object) {
        self.warnings.append(self.problem(message, in: position, isAboutEntity: true))
      }
      return valid
    }
    var errors = RecordErrors()
    if case .failure(let failure) = result { errors = failure.errors }
    for (field, error) in linkErrors { errors.set(error, at: [field]) }
    if errors.isTruncated { self.isTruncated = true }
    for leaf in ErrorTree.record(errors).leaves {
      self.report(leaf.message, in: position, at: leaf.path, isAboutEntity: leaf.isAboutEntity)
    }
    return nil
  }

  /// Turns what a foreign field holds, or nesting implies, into `{"id": …}`.
  private mutating func link(
    _ position: Int, _ field: String, _ target: String, _ errors: inout [String: ErrorTree],
    _ unresolved: inout [(field: String, message: String)]
  ) {
    let given = self.entries[position].object[field] ?? .null
    if field == self.entries[position].parentField {
      // Where a nested entity is, says whose it is.
      if !given.isNull { errors[field] = .message("value must be null") }
      let parent = self.entries[self.entries[position].parent].id
      self.entries[position].object[field] = parent.map { self.reference($0) } ?? Self.unknownParent
      return
    }
    let key: String
    switch given {
    case .null: return
    case .string(let text): key = text
    case .object(let reference):
      // An object is a reference by id: other names are no part of it.
      if let error = self.fault(of: reference, to: target) {
        errors[field] = .record(error)
        self.entries[position].object[field] = Self.unknownParent
        return
      }
      key = reference["id"]?.stringValue ?? ""
    default:
      errors[field] = .message("expected a string")
      self.entries[position].object[field] = Self.unknownParent
      return
    }
    guard let id = self.find(key, in: target) else {
      let text = given.stringValue ?? given.description
      unresolved.append((field, "invalid reference '\(field): \(text)' (no such entry in '\(target)')"))
      self.entries[position].object[field] = Self.unknownParent
      return
    }
    self.entries[position].object[field] = self.reference(id)
  }

  /// What is wrong with an object as a reference; nil where it has an id.
  private func fault(of reference: JSONObject, to target: String) -> RecordErrors? {
    if reference["id"]?.stringValue?.isUUID == true { return nil }
    if let schema = self.registry.schema(named: target) {
      let errors = self.validator.fieldErrors(of: reference, as: schema)
      if !errors.isEmpty { return errors }
    }
    let message = reference["id"] == nil ? "missing primary key" : "required field missing"
    return RecordErrors(fields: ["id": .message(message)])
  }

  private mutating func reference(_ id: EntityID) -> JSONValue {
    if let last = self.lastReference, last.id == id { return last.value }
    let value = JSONValue.object(JSONObject(distinct: [JSONObject.Member("id", .string(id.description))]))
    self.lastReference = (id, value)
    return value
  }

  /// The id of the entity that a key or an id names.
  private func find(_ key: String, in collection: String) -> EntityID? {
    guard let collection = self.collectionPositions[collection] else { return nil }
    if let position = self.index.byKey[collection][key] {
      // An entity whose own id is wrong is found all the same; that error is reported there.
      return self.entries[position].id ?? EntityID(high: 0, low: 0)
    }
    guard let id = EntityID(uuid: key), self.index.byID[collection][id] != nil else { return nil }
    return id
  }
}

/// The values of unique fields that were seen, other than ids and endpoint keys.
private struct UniqueValues {
  private let fields: [[String]]
  private var seen: [[String: Set<String>]]

  init(_ collections: [EntitySchema]) {
    self.fields = collections.map { schema in
      schema.record.fields
        .filter { $0.traits.contains(.unique) && $0.name != "id" && $0.name != schema.endpointKey }
        .map(\.name)
    }
    self.seen = Array(repeating: [:], count: collections.count)
  }

  /// The unique fields of an entity whose values were seen before; remembers the others.
  mutating func duplicates(in object: JSONObject, of collection: Int) -> [(field: String, value: String)] {
    var duplicates: [(String, String)] = []
    for field in self.fields[collection] {
      guard let value = object[field], let text = value.stringValue ?? value["id"]?.stringValue else { continue }
      if !self.seen[collection][field, default: []].insert(text).inserted { duplicates.append((field, text)) }
    }
    return duplicates
  }
}
