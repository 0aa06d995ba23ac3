// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Searching, within a budget.
extension Regex {
  /// Backtracking steps from one place before a search goes on in linear time. Patterns as people write them need a
  /// tenth of it.
  private static let firstLimit: UInt32 = 256
  /// The same where a match may begin anywhere: each place has steps of its own.
  private static let firstLimitPerPlace: UInt32 = 16

  /// Steps of a whole search with a pattern that has no linear form, over all places at which a match may begin.
  private static let stepLimit = 100_000
  private static let placeLimits: ClosedRange<Int> = 32...Int(Regex.matchLimit)

  /// What a search costs before it has begun.
  private static let searchCost = 16

  /// Searches the text for the first match. The ranges of its groups are then in `scratch`.
  /// - Parameter budget: what searches that belong together may do; the same one for all of a request.
  public func match(_ text: Span<UInt8>, scratch: RegexScratch, budget: inout RegexBudget) -> RegexOutcome {
    // The machine code reads a text from its start in a fraction of a step per byte, from every place in more.
    let reading = self.startsOnce ? text.count &>> 3 : text.count &<< 1
    guard budget.spend(Self.searchCost &+ reading) else { return .limitExceeded }
    scratch.forgetLinear()
    let limit = self.startsOnce ? Self.firstLimit : Self.firstLimitPerPlace
    let outcome = self.backtrack(text, scratch: scratch, limit: limit)
    guard outcome == .limitExceeded else { return outcome }
    if let linear = self.linear { return scratch.search(linear, text, budget: &budget) }
    return self.matchByBacktracking(text, scratch: scratch, budget: &budget)
  }

  /// Searches with a budget of its own.
  public func match(_ text: Span<UInt8>, scratch: RegexScratch) -> RegexOutcome {
    var budget = RegexBudget()
    return self.match(text, scratch: scratch, budget: &budget)
  }

  /// For patterns that are not regular.
  private func matchByBacktracking(
    _ text: Span<UInt8>, scratch: RegexScratch, budget: inout RegexBudget
  ) -> RegexOutcome {
    let places = self.startsOnce ? 1 : text.count &+ 1
    let limit = min(max(Self.stepLimit / places, Self.placeLimits.lowerBound), Self.placeLimits.upperBound)
    // How many were taken is not told: all are charged.
    guard budget.spend(min(limit &* places, Self.stepLimit)) else { return .limitExceeded }
    return self.backtrack(text, scratch: scratch, limit: UInt32(truncatingIfNeeded: limit))
  }
}
