// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Checking an expression without a router, for whoever accepts one.
public enum RouteExpression {
  /// What is wrong with the expression and at which byte; nil when it is good.
  /// - Parameter isStream: whether the route is for connections, which have no `http.` fields.
  public static func fault(in text: String, isStream: Bool = false) -> RuleFault? {
    do {
      _ = try ExpressionParser.parse(text, isStream: isStream)
      return nil
    } catch {
      return error
    }
  }
}
