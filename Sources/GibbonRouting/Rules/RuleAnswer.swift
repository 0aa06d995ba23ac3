// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Whether a condition holds. Where a regular expression was given up, that is not known, and neither is what rests on
/// it: a request is never sent on past a route that might be its own.
enum RuleAnswer: Sendable, Equatable {
  case met, unmet, unknown

  init(_ isMet: Bool) { self = isMet ? .met : .unmet }

  /// Both must hold.
  @inline(__always)
  func and(_ other: RuleAnswer) -> RuleAnswer {
    if self == .unmet || other == .unmet { return .unmet }
    return self == .unknown ? .unknown : other
  }

  /// One of them must hold.
  @inline(__always)
  func or(_ other: RuleAnswer) -> RuleAnswer {
    if self == .met || other == .met { return .met }
    return self == .unknown ? .unknown : other
  }

  var negated: RuleAnswer {
    switch self {
    case .met: .unmet
    case .unmet: .met
    case .unknown: .unknown
    }
  }
}
