// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonRegex

/// Whether a text is a regular expression that the router and the plugins can compile.
enum RegexRule {
  /// What is wrong with the expression, or nil.
  static func error(in pattern: String) -> String? {
    do {
      _ = try Regex.compile(pattern)
      return nil
    } catch {
      return error.description
    }
  }
}
