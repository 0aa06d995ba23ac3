// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// Why a request went where it went.
public struct RouteExplanation: Sendable, Equatable {
  /// A route that took part.
  public struct Candidate: Sendable, Equatable {
    public let id: EntityID
    public let name: String?

    /// The route's `RouteDefinition.handle`.
    public let handle: Int

    /// The number that the flavor orders routes by first.
    public let priority: UInt64

    /// How many kinds of fields it asks for.
    public let fieldCount: Int

    /// Why it did not win, one sentence per attribute; empty for the winner.
    public let reasons: [String]
  }

  public let matched: Candidate?

  /// What `Router.match` answers for the request. Where that is undecided, `matched` is the route that it depends on.
  public let decision: RouteDecision

  /// The routes that came nearest: fewest failed attributes first, then those of which most holds or nearly does, then
  /// the higher priority.
  public let misses: [Candidate]

  public var match: RouteMatch? { self.decision.match }
}
