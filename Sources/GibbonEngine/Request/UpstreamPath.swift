// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel

/// The path a service gets: its own, and what is left of the request's, joined by the route's `path_handling`.
public struct UpstreamPath: Sendable {
  let handling: Route.PathHandling
  /// The route's `strip_path`.
  let strips: Bool
  /// Bytes of the request's path that the route's path matched; nil for a route without one.
  let matchedCount: Int?

  public init(handling: Route.PathHandling, strips: Bool, matchedCount: Int?) {
    self.handling = handling
    self.strips = strips
    self.matchedCount = matchedCount
  }

  /// - Parameters:
  ///   - base: the service's path.
  ///   - request: the request's, in normal form.
  ///   - isEscaped: whether the request's path may go out as it is.
  public func append(to output: inout ByteBuffer, base: Span<UInt8>, request: Span<UInt8>, isEscaped: Bool) {
    switch self.handling {
    case .v0: self.appendJoined(to: &output, base, request, isEscaped)
    case .v1: self.appendChained(to: &output, base, request, isEscaped)
    }
  }

  private static func isSlash(_ path: Span<UInt8>, at index: Int) -> Bool {
    index >= 0 && index < path.count && path[index] == UInt8(ascii: "/")
  }

  private static func append(tail: Span<UInt8>, to output: inout ByteBuffer, _ isEscaped: Bool) {
    if isEscaped { output.append(tail) } else { PathNormalizer.escape(tail, into: &output) }
  }

  /// Where what is left of the request's path begins. A route without paths leaves all but the first slash, which is
  /// nothing where the path is no more than that.
  private func rest(of request: Span<UInt8>) -> Int {
    Self.withoutLeadingDots(request, from: min(self.matchedCount ?? 1, request.count))
  }

  /// v0: one slash between the two, and none made up at the end.
  private func appendJoined(
    to output: inout ByteBuffer, _ base: Span<UInt8>, _ request: Span<UInt8>, _ isEscaped: Bool
  ) {
    let slash = UInt8(ascii: "/")
    let baseEndsWithSlash = Self.isSlash(base, at: base.count - 1)
    let requestEndsWithSlash = Self.isSlash(request, at: request.count - 1)
    let rest = self.strips ? self.rest(of: request) : 0
    let restStartsWithSlash = Self.isSlash(request, at: rest)
    if self.strips, rest == request.count {
      if baseEndsWithSlash, base.count > 1, !requestEndsWithSlash {
        output.append(base.extracting(droppingLast: 1))
      } else {
        output.append(base)
        if !baseEndsWithSlash, request.count > 1, requestEndsWithSlash { output.append(slash) }
      }
      return
    }
    if !self.strips, !baseEndsWithSlash, request.count == 1, restStartsWithSlash { return output.append(base) }
    output.append(baseEndsWithSlash && restStartsWithSlash ? base.extracting(droppingLast: 1) : base)
    if !baseEndsWithSlash, !restStartsWithSlash { output.append(slash) }
    Self.append(tail: request.extracting(droppingFirst: rest), to: &output, isEscaped)
  }

  /// v1: one behind the other, as Kong did before 2.0 and still does in its traditional flavor.
  private func appendChained(
    to output: inout ByteBuffer, _ base: Span<UInt8>, _ request: Span<UInt8>, _ isEscaped: Bool
  ) {
    let rest = self.strips ? self.rest(of: request) : min(1, request.count)
    let isDoubled = self.strips && Self.isSlash(base, at: base.count - 1) && Self.isSlash(request, at: rest)
    output.append(isDoubled ? base.extracting(droppingLast: 1) : base)
    Self.append(tail: request.extracting(droppingFirst: rest), to: &output, isEscaped)
  }

  /// Where the rest begins once `./`, `../` or a lone `.` or `..` is skipped, which stripping can bring up.
  private static func withoutLeadingDots(_ path: Span<UInt8>, from start: Int) -> Int {
    var end = start
    while end < path.count, end < start + 2, path[end] == UInt8(ascii: ".") { end += 1 }
    guard end > start else { return start }
    if end == path.count { return end }
    return path[end] == UInt8(ascii: "/") ? end + 1 : start
  }
}
