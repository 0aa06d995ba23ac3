// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Why one rule comes before another that matches too, in words.
struct RulePrecedence {
  let winner: Rule
  let other: Rule
  let flavor: RouterFlavor

  /// What the winner has and the other has not, as the end of a sentence: "has the longer path (9 bytes, not 4)".
  var words: String {
    if self.winner.rank.primary == self.other.rank.primary, self.winner.rank.secondary == self.other.rank.secondary {
      return "has the larger id, and all else is equal"
    }
    if self.flavor == .traditional { return self.traditionalWords }
    if self.winner.parts.expression != nil {
      return self.other.parts.expression == nil
        ? "has an expression, which comes before routes without one" : self.numbers("priority") { Int($0.priority) }
    }
    return self.winner.parts.route.isStream ? "has the higher priority" : self.compatibleWords
  }

  // MARK: Numbers

  private func numbers(_ noun: String, _ value: (RouteDefinition) -> Int) -> String {
    "has the greater \(noun) (\(value(self.winner.parts.route)), not \(value(self.other.parts.route)))"
  }

  private func longerPath() -> String {
    let lengths = [self.winner, self.other].map { rule in rule.plainPathLength ?? 0 }
    return "has the longer path (\(lengths[0]) bytes, not \(lengths[1]))"
  }

  private var moreFields: String {
    let counts = [self.winner, self.other].map {
      RuleRank.fieldCount($0.parts.route, hasPaths: !$0.parts.paths.isEmpty)
    }
    return "has more matching fields (\(counts[0]), not \(counts[1]))"
  }

  private var moreHeaders: String {
    let counts = [self.winner, self.other].map(\.parts.route.headers.count)
    return "asks for more headers (\(counts[0]), not \(counts[1]))"
  }

  // MARK: The flavors

  /// By the first bit in which the priorities differ, and what put it there.
  private var compatibleWords: String {
    let (high, low) = (self.winner.rank.primary, self.other.rank.primary)
    let bit: UInt64 = 1 &<< UInt64(63 &- (high ^ low).leadingZeroBitCount)
    func sets(_ term: (Rule) -> UInt64) -> Bool { term(self.winner) & bit != 0 && term(self.other) & bit == 0 }
    let isSign = bit > UInt64(UInt32.max) && bit != RuleRank.plainHosts && bit != RuleRank.regexPath
    if sets({ RuleRank.shifted(RuleRank.fieldCount($0.parts.route, hasPaths: !$0.parts.paths.isEmpty), by: 29) }) {
      return isSign ? "has four matching fields or more, which comes before all else" : self.moreFields
    }
    if bit == RuleRank.plainHosts { return "names hosts without a wildcard" }
    if bit == RuleRank.regexPath { return "has a regular expression as path" }
    if sets({ RuleRank.shifted(min($0.parts.route.headers.count, 255), by: 20) }) { return self.moreHeaders }
    if sets({ $0.parts.paths.first?.isRegex ?? false ? RuleRank.shifted($0.parts.route.regexPriority, by: 19) : 0 }) {
      return isSign
        ? "has regex_priority \(self.winner.parts.route.regexPriority), which comes before all else"
        : self.numbers("regex_priority", \.regexPriority)
    }
    return self.longerPath()
  }

  /// See the layout at `RuleRank.init(traditional:path:position:)`.
  private var traditionalWords: String {
    let difference = self.winner.rank.primary ^ self.other.rank.primary
    guard difference != 0 else {
      let lengths = (self.winner.rank.secondary >> 44, self.other.rank.secondary >> 44)
      return lengths.0 != lengths.1 ? self.longerPath() : "is older"
    }
    switch 63 - difference.leadingZeroBitCount {
    case 61...63: return self.moreFields
    case 54...60: return "matches by a field that comes first: hosts, headers, paths, methods, snis, in this order"
    case 53: return "names a host with a wildcard and a port"
    case 52: return "names hosts without a wildcard"
    case 51: return "has a regular expression as path"
    case 50: return "names a port beside a host"
    case 42...49: return self.moreHeaders
    default: return self.numbers("regex_priority", \.regexPriority)
    }
  }
}
