// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A check whose conditions have become fields: the named field's own type and rules, overridden by those
/// of the condition.
enum PreparedCheck: Sendable {
  /// `referenceable`: which of the fields that it names may be references into a vault.
  case plain(EntityCheck, referenceable: [String])
  case conditional(EntityCheck.Conditional, match: Match, requirement: Field, referenceable: [String])
  case conditionalAtLeastOneOf(EntityCheck.ConditionalAtLeastOneOf, match: Match, otherwise: Match?)

  /// A condition on a field. What it says of the field's default is known beforehand: most entities have that.
  struct Match: Sendable {
    let field: Field
    let defaultValue: JSONValue?
    let acceptsDefault: Bool
    let acceptsNull: Bool

    init(_ field: Field) {
      self.field = field
      let isForbidden = field.traits.contains(.mustBeNull)
      self.acceptsNull = isForbidden || (!field.isRequired && field.constraints.allSatisfy(\.excludes))
      self.defaultValue = field.defaultValue
      var walk = RecordWalk(Validator(now: 0), .insert)
      if let value = field.defaultValue, case .value = walk.check(value, as: field) {
        self.acceptsDefault = true
      } else {
        self.acceptsDefault = false
      }
    }
  }

  init(_ check: EntityCheck, field: (String) -> Field?) {
    func referenceable(_ names: [String]) -> [String] {
      names.filter { field($0)?.traits.contains(.referenceable) == true }
    }
    switch check {
    case .conditional(let condition):
      guard let match = field(condition.field), let requirement = field(condition.dependent) else { break }
      self = .conditional(
        condition, match: Match(match.overridden(by: condition.match)),
        requirement: requirement.overridden(by: condition.requirement),
        referenceable: referenceable([condition.field, condition.dependent]))
      return
    case .conditionalAtLeastOneOf(let condition):
      guard let match = field(condition.field) else { break }
      self = .conditionalAtLeastOneOf(
        condition, match: Match(match.overridden(by: condition.match)),
        otherwise: condition.otherwise.map { Match(match.overridden(by: $0.match)) })
      return
    default: break
    }
    self = .plain(check, referenceable: referenceable(check.fields))
  }
}

extension Field {
  /// This field with a condition's rules; a rule of the same kind is replaced, not added to.
  func overridden(by options: [FieldOption]) -> Field {
    let condition = Field(self.name, self.type, options)
    var copy = self
    let ranks = Set(condition.constraints.map(\.rank))
    copy.constraints = (self.constraints.filter { !ranks.contains($0.rank) } + condition.constraints)
      .sorted { $0.rank < $1.rank }
    copy.traits.formUnion(condition.traits)
    copy.type = condition.type
    copy.message = nil
    return copy
  }
}

extension Constraint {
  /// Whether it only says what a value is not.
  fileprivate var excludes: Bool {
    switch self {
    case .notEqual, .notOneOf, .doesNotMatch, .matchesNone: true
    default: false
    }
  }
}

extension FieldOption {
  /// In a condition on an array or set: what every element must satisfy.
  public static func elements(_ options: FieldOption...) -> FieldOption {
    FieldOption { field in
      switch field.type {
      case .array: field.type = .array(of: Field("", .string, options).with(.required))
      case .set: field.type = .set(of: Field("", .string, options).with(.required))
      default: break
      }
    }
  }
}
