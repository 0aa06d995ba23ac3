// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How routes are ordered and what they may say: Kong's `router_flavor`.
public enum RouterFlavor: String, Sendable, CaseIterable {
  /// Categories of attributes, then weights, then age.
  case traditional

  /// The same fields, ordered by one 64-bit priority.
  case traditionalCompatible = "traditional_compatible"

  /// Routes with an expression and a priority; routes with fields come after them.
  case expressions
}
