// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a search found. The ranges are in the `RegexScratch` that was used, until its next use.
@frozen
public enum RegexOutcome: Sendable, Equatable {
  case matched
  case noMatch

  /// The search was given up: its budget or the limit of a pattern that cannot be searched in linear time was spent.
  /// Whether the text matches is not known. Who asked must not take it for "no match" where that lets something pass.
  case limitExceeded
}
