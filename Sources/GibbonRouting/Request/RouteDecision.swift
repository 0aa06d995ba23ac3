// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What the router says of a request.
@frozen
public enum RouteDecision: Sendable, Equatable {
  case matched(RouteMatch)
  case none

  /// A route that comes before all that match may match as well, but the work for finding out exceeds the limit. The
  /// request must not go anywhere else. The handle is the route's, where it is one.
  case undecided(handle: Int?)

  /// The route that won.
  public var match: RouteMatch? {
    if case .matched(let match) = self { match } else { nil }
  }
}
