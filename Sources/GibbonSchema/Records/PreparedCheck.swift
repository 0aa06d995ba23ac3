// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A check whose conditions have become fields: the named field's own type and rules, overridden by those
/// of the condition.
enum PreparedCheck: Sendable {
  case plain(EntityCheck)
  case conditional(EntityCheck.Conditional, match: Field, requirement: Field)
  case conditionalAtLeastOneOf(EntityCheck.ConditionalAtLeastOneOf, match: Field, otherwise: Field?)

  init(_ check: EntityCheck, field: (String) -> Field?) {
    switch check {
    case .conditional(let condition):
      guard let match = field(condition.field), let requirement = field(condition.dependent) else {
        self = .plain(check)
        return
      }
      self = .conditional(
        condition, match: match.overridden(by: condition.match),
        requirement: requirement.overridden(by: condition.requirement))
    case .conditionalAtLeastOneOf(let condition):
      guard let match = field(condition.field) else {
        self = .plain(check)
        return
      }
      self = .conditionalAtLeastOneOf(
        condition, match: match.overridden(by: condition.match),
        otherwise: condition.otherwise.map { match.overridden(by: $0.match) })
    default:
      self = .plain(check)
    }
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
