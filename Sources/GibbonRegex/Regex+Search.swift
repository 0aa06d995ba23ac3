// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Searching, within a budget.
extension Regex {
  /// Backtracking steps from one place before a search goes on in linear time. Patterns as people write them need a
  /// tenth of it.
  private static let firstLimit: UInt32 = 256
  /// The same where a match may begin anywhere: each place has steps of its own.
  private static let firstLimitPerPlace: UInt32 = 64

  /// Steps of a whole search with a pattern that has no linear form, over all places at which a match may begin.
  private static let stepLimit = 100_000
  private static let placeLimits: ClosedRange<Int> = 32...Int(Regex.matchLimit)

  /// What a search costs before it has begun, and more when its end cannot be foreseen.
  private static let searchCost = 16
  private static let backtrackingCost = 200

  /// Searches the text for the first match. The ranges of its groups are then in `scratch`.
  /// - Parameter budget: what searches that belong together may do; the same one for all of a request.
  public func match(_ text: Span<UInt8>, scratch: RegexScratch, budget: inout RegexBudget) -> RegexOutcome {
    guard budget.spend(self.cost(of: text)) else { return .limitExceeded }
    guard let linear = self.linear else { return self.matchByBacktracking(text, scratch: scratch, budget: &budget) }
    if !linear.repeatsEmpty {
      scratch.forgetLinear()
      let limit = self.startsOnce ? Self.firstLimit : Self.firstLimitPerPlace
      let outcome = self.backtrack(text, scratch: scratch, limit: limit)
      if outcome != .limitExceeded { return outcome }
    }
    return scratch.search(linear, text, budget: &budget)
  }

  /// Searches with a budget of its own.
  public func match(_ text: Span<UInt8>, scratch: RegexScratch) -> RegexOutcome {
    var budget = RegexBudget()
    return self.match(text, scratch: scratch, budget: &budget)
  }

  /// The machine code reads a text from its start in a fraction of a step per byte, from every place in more.
  private func cost(of text: Span<UInt8>) -> Int {
    let reading = self.startsOnce ? text.count &>> 3 : text.count
    return Self.searchCost &+ reading &+ (self.linear == nil ? Self.backtrackingCost : 0)
  }

  private func matchByBacktracking(
    _ text: Span<UInt8>, scratch: RegexScratch, budget: inout RegexBudget
  ) -> RegexOutcome {
    scratch.forgetLinear()
    let places = self.startsOnce ? 1 : text.count &+ 1
    let limit = min(max(Self.stepLimit / places, Self.placeLimits.lowerBound), Self.placeLimits.upperBound)
    let outcome = self.backtrack(text, scratch: scratch, limit: UInt32(truncatingIfNeeded: limit))
    if outcome == .limitExceeded { budget.spend(limit) }
    return outcome
  }
}
