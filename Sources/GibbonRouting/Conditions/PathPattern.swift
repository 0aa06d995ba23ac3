// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// One of a route's `paths`.
///
/// Regular expressions are PCRE2's, over bytes, cut off at a match limit (`Regex.matchLimit`). Kong's
/// traditional flavor has the same engine and limit; its other flavors have Rust's linear-time engine.
/// Against that one: look-around and back-references work here, where Kong skips the route; `.`, `\w`,
/// `\d` and `(?i)` know bytes and ASCII, not Unicode; a search that meets the limit is no match.
enum PathPattern: Sendable {
  case prefix([UInt8])
  case regex(Regex)

  var isRegex: Bool {
    if case .regex = self { return true }
    return false
  }
}
