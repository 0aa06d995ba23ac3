// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// One of a route's `paths`.
///
/// Regular expressions have PCRE2's syntax, over bytes, in all flavors. Kong's traditional flavor has it too; its other
/// flavors have Rust's. Against that one: look-around and back-references work here, where Kong refuses the route, but
/// not in linear time; `.`, `\w`, `\d` and `(?i)` know bytes and ASCII, not Unicode.
enum PathPattern: Sendable {
  case prefix([UInt8])
  case regex(Regex)

  var isRegex: Bool {
    if case .regex = self { return true }
    return false
  }
}
