// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Which of the rules across fields run, and what they say, is Kong's: they see invalid values too, and some want their
/// fields to be there or to be right.
extension RecordWalk {
  /// Runs the rules across fields on an object that has every field but those that are required and missing.
  mutating func runChecks(of record: RecordSchema, on object: JSONObject, errors: inout RecordErrors) {
    let value = JSONValue.object(object)
    for position in record.preparedChecks.indices {
      switch record.preparedChecks[position] {
      case .plain(let check, let referenceable):
        let traits = check.traits
        guard self.runs(traits, referenceable, on: value, &errors) else { continue }
        self.run(check, on: value, errors: &errors)
      case .conditional(let condition, let match, let requirement, let referenceable):
        let traits = CheckTraits(
          fields: [condition.field, condition.dependent], required: [condition.field], runsWithInvalidFields: true)
        guard self.runs(traits, referenceable, on: value, &errors) else { continue }
        self.run(condition, match, requirement, on: value, errors: &errors)
      case .conditionalAtLeastOneOf(let condition, let match, let otherwise):
        self.run(condition, match, otherwise, on: value, errors: &errors)
      }
    }
  }

  /// Whether a check has what it needs. A required field that is missing is an error by itself.
  private func runs(
    _ traits: CheckTraits, _ referenceable: [String], on value: JSONValue, _ errors: inout RecordErrors
  ) -> Bool {
    if referenceable.contains(where: { Self.isReference($0, value) }) { return false }
    let missing = traits.fields.filter { value.value(at: $0) == nil }
    if !traits.runsWithInvalidFields, traits.fields.contains(where: { errors.fields[$0] != nil }) { return false }
    let isWhole = self.change == nil
    if missing.count == traits.fields.count, !(traits.runsWithMissingFields && isWhole) { return false }
    guard !traits.runsWithMissingFields else { return true }
    let wanted = missing.filter(traits.required.contains)
    for name in wanted {
      let suffix = self.operation == .update ? " when updating" : ""
      errors.set(.message("field required for entity check" + suffix), at: name.split(separator: ".").map(String.init))
    }
    return wanted.isEmpty
  }

  private func run(_ check: EntityCheck, on value: JSONValue, errors: inout RecordErrors) {
    guard case .custom(let custom) = check else {
      if let message = self.message(of: check, on: value) { errors.add(entity: message) }
      return
    }
    guard case .object(let object) = value else { return }
    for violation in custom.violations(object) {
      if violation.path.isEmpty {
        errors.add(entity: violation.message.shown)
      } else {
        errors.set(.message(violation.message.shown), at: violation.path)
      }
    }
  }

  private func message(of check: EntityCheck, on value: JSONValue) -> String? {
    func isSet(_ path: String) -> Bool { value.value(at: path).map { !$0.isEmpty } ?? false }
    switch check {
    case .atLeastOneOf(let names):
      guard !names.contains(where: isSet) else { return nil }
      let prefix = self.operation == .update ? "when updating, " : ""
      return prefix + "at least one of these fields must be non-empty: \(quotedList(names))"
    case .exactlyOneOf(let names):
      return names.filter(isSet).count == 1
        ? nil : "exactly one of these fields must be non-empty: \(quotedList(names))"
    case .onlyOneOf(let names):
      return names.filter(isSet).count <= 1
        ? nil : "only one or none of these fields must be set: \(quotedList(names))"
    case .mutuallyRequired(let names):
      let count = names.filter(isSet).count
      return count == 0 || count == names.count
        ? nil : "all or none of these fields must be set: \(quotedList(names))"
    case .distinct(let names):
      let values = names.compactMap { value.value(at: $0) }.filter { !$0.isEmpty }
      return Set(values).count == values.count
        ? nil : "values of these fields must be distinct: \(quotedList(names))"
    case .mutuallyExclusiveSets(let left, let right):
      let used = (left.filter(isSet), right.filter(isSet))
      guard !used.0.isEmpty, !used.1.isEmpty else { return nil }
      return "these sets are mutually exclusive: (\(quotedList(used.0))), (\(quotedList(used.1)))"
    case .conditional, .conditionalAtLeastOneOf, .custom:
      return nil
    }
  }

  private func run(
    _ condition: EntityCheck.Conditional, _ match: PreparedCheck.Match, _ requirement: Field, on value: JSONValue,
    errors: inout RecordErrors
  ) {
    guard let given = value.value(at: condition.field), self.accepts(given, match) else { return }
    // Its errors replace those of the field itself.
    var probe = self
    guard case .invalid(let error) = probe.check(value.value(at: condition.dependent) ?? .null, as: requirement)
    else { return }
    errors.set(error, at: condition.dependent.split(separator: ".").map(String.init))
    errors.add(
      entity: condition.message ?? "failed conditional validation given value of field '\(condition.field)'")
  }

  private func run(
    _ condition: EntityCheck.ConditionalAtLeastOneOf, _ match: PreparedCheck.Match, _ otherwise: PreparedCheck.Match?,
    on value: JSONValue, errors: inout RecordErrors
  ) {
    guard let given = value.value(at: condition.field) else { return }
    let candidates: [String]
    let message: String
    if self.accepts(given, match) {
      (candidates, message) = (condition.candidates, condition.message)
    } else if let otherwise, let second = condition.otherwise, self.accepts(given, otherwise) {
      (candidates, message) = (second.candidates, second.message)
    } else {
      return
    }
    let isSet = candidates.contains { value.value(at: $0).map { !$0.isEmpty } ?? false }
    if !isSet { errors.add(entity: message.filled(quotedList(candidates))) }
  }

  private func accepts(_ value: JSONValue, _ match: PreparedCheck.Match) -> Bool {
    // What is not set is none of the values that a condition names; it is only other than one, or null.
    if value.isNull { return match.acceptsNull }
    if value == match.defaultValue { return match.acceptsDefault }
    // What it finds wrong is nobody's error.
    var probe = self
    guard case .value = probe.check(value, as: match.field) else { return false }
    return true
  }

  /// A rule that touches a reference into a vault cannot be judged before the reference is resolved.
  private static func isReference(_ path: String, _ value: JSONValue) -> Bool {
    value.value(at: path)?.stringValue?.isVaultReference == true
  }

  /// What a write transforms needs all of its inputs, and what they depend on. An update gives them itself: a password
  /// that is kept is not known any more, so that whose it is cannot be changed alone.
  func runTransformationChecks(of schema: EntitySchema, on input: JSONObject, _ errors: inout RecordErrors) {
    let whole = JSONValue.object(input)
    let given = self.change.map { .object($0.given) } ?? whole
    let existing = self.change.map { JSONValue.object($0.existing) }
    for transformation in schema.transformations {
      let isChanged = transformation.needs.contains { existing != nil && given.set(at: $0) != existing?.set(at: $0) }
      guard isChanged || transformation.input.contains(where: { given.set(at: $0) != nil }) else { continue }
      let all = transformation.input + transformation.needs
      if !Self.allOrNone(all, isChanged ? given : whole) {
        errors.add(entity: "all or none of these fields must be set: \(quotedList(all))")
      } else if !Self.allOrNone(transformation.input, given) {
        errors.add(entity: "all or none of these fields must be set: \(quotedList(transformation.input))")
      }
    }
  }

  private static func allOrNone(_ names: [String], _ value: JSONValue) -> Bool {
    let count = names.count { value.set(at: $0) != nil }
    return count == 0 || count == names.count
  }
}

extension JSONValue {
  /// The value at a path, unless it is empty.
  fileprivate func set(at path: String) -> JSONValue? { self.value(at: path).flatMap { $0.isEmpty ? nil : $0 } }
}

/// When a check runs.
struct CheckTraits {
  /// Paths that it looks at.
  let fields: [String]
  /// Those that must be there.
  var required: [String] = []
  var runsWithMissingFields = false
  var runsWithInvalidFields = false
}

extension EntityCheck {
  /// The fields a check reads, where it names them.
  var fields: [String] { self.traits.fields }

  var traits: CheckTraits {
    switch self {
    case .atLeastOneOf(let names):
      CheckTraits(fields: names, runsWithMissingFields: true, runsWithInvalidFields: true)
    case .exactlyOneOf(let names), .distinct(let names):
      CheckTraits(fields: names, required: names, runsWithInvalidFields: true)
    case .onlyOneOf(let names), .mutuallyRequired(let names):
      CheckTraits(fields: names, runsWithMissingFields: true)
    case .mutuallyExclusiveSets(let left, let right): CheckTraits(fields: left + right, runsWithMissingFields: true)
    case .custom(let custom):
      CheckTraits(
        fields: custom.fields, required: custom.fields, runsWithMissingFields: custom.runsWithMissingFields,
        runsWithInvalidFields: custom.runsWithInvalidFields)
    case .conditional, .conditionalAtLeastOneOf: CheckTraits(fields: [])
    }
  }
}
