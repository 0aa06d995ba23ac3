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

    /// Why it did not win, one sentence per attribute; empty for the winner.
    public let reasons: [String]
  }

  public let matched: Candidate?

  /// What `match` answers for the request.
  public let match: RouteMatch?

  /// The routes that came nearest: fewest failed attributes first, then those whose path agrees
  /// longest, then the higher priority.
  public let misses: [Candidate]
}
