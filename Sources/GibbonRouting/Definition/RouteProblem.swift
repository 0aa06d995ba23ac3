// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Why a route, or a part of it, was left out of the router. The rest of the table works.
public struct RouteProblem: Error, Sendable, Equatable {
  public let id: EntityID
  public let name: String?

  /// The field at fault, such as `paths`, `headers.x-version` or `expression`.
  public let field: String

  /// The value at fault, as configured.
  public let value: String
  public let reason: String

  /// The byte offset in `value`, where one is known.
  public let position: Int?

  init(_ route: RouteDefinition, field: String, fault: RuleFault) {
    self.id = route.id
    self.name = route.name
    self.field = field
    self.value = fault.value
    self.reason = fault.reason
    self.position = fault.position
  }
}
