// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a search found. The ranges are in the `RegexScratch` that was used, until its next use.
@frozen
public enum RegexOutcome: Sendable, Equatable {
  case matched
  case noMatch

  /// The search was cut off at `Regex.matchLimit`; whether the text matches is not known.
  case limitExceeded
}
