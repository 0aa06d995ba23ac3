// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The route that won. The groups of a regular expression are in the scratch, until its next use.
@frozen
public struct RouteMatch: Sendable, Equatable {
  /// The winner's `RouteDefinition.handle`.
  public let handle: Int

  /// Bytes of the path that the route's path matched, to be removed by `strip_path`; nil when the
  /// route has no path. An expression may give more than the path has (a suffix that matched).
  public let matchedPathLength: Int?

  /// Whether a regular expression matched the path, so that captures may exist.
  public let isRegexPath: Bool

  @inlinable
  public init(handle: Int, matchedPathLength: Int?, isRegexPath: Bool) {
    self.handle = handle
    self.matchedPathLength = matchedPathLength
    self.isRegexPath = isRegexPath
  }
}
