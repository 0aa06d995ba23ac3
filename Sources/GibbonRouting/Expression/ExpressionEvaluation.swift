// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// One evaluation of an expression, and what it matched of the path on the way.
struct ExpressionEvaluation {
  let details: any RouteRequestDetails
  let scratch: RouterScratch

  /// What the last predicate on the path that held compared the path with, in bytes.
  private(set) var matchedPathLength: Int?

  init(details: any RouteRequestDetails, scratch: RouterScratch) {
    self.details = details
    self.scratch = scratch
  }

  mutating func holds(_ node: ExpressionNode, _ request: borrowing RequestView) -> Bool {
    switch node {
    case .all(let parts):
      for part in parts { guard self.holds(part, request) else { return false } }
      return true
    case .any(let parts):
      for part in parts where self.holds(part, request) { return true }
      return false
    case .not(let part): return !self.holds(part, request)
    case .predicate(let predicate): return self.holds(predicate, request)
    }
  }

  private mutating func holds(_ predicate: ExpressionPredicate, _ request: borrowing RequestView) -> Bool {
    switch predicate.field {
    case .method: return self.text(predicate, request.method)
    case .host: return !request.host.isEmpty && self.text(predicate, request.host)
    case .path: return self.path(predicate, request.path)
    case .segments(let first, let last):
      guard let range = PathSegments.range(first, last, of: request.path) else { return false }
      return self.text(predicate, request.path.extracting(range), base: range.lowerBound)
    case .scheme:
      let name = self.details.scheme.rawValue
      return self.text(predicate, name.utf8.span)
    case .sni:
      guard let sni = self.details.sni else { return false }
      return self.text(predicate, sni.utf8.span)
    case .header(let name):
      return self.values(predicate) { self.details.visitHeaderValues(name, $0) }
    case .query(let name):
      return self.values(predicate) { self.details.visitQueryValues(name, $0) }
    case .segmentCount: return Self.number(predicate, PathSegments.count(of: request.path))
    case .sourcePort: return self.details.source.map { Self.number(predicate, Int($0.port)) } ?? false
    case .destinationPort:
      if self.details.scheme.isStream {
        return self.details.destination.map { Self.number(predicate, Int($0.port)) } ?? false
      }
      return Self.number(predicate, Int(request.port))
    case .sourceAddress: return self.details.source.map { Self.address(predicate, $0.address) } ?? false
    case .destinationAddress: return self.details.destination.map { Self.address(predicate, $0.address) } ?? false
    }
  }

  /// All values must satisfy the predicate, or with any() one; no value satisfies nothing.
  private func values(_ predicate: ExpressionPredicate, _ visit: ((Span<UInt8>) -> Bool) -> Void) -> Bool {
    var holds = false
    visit { value in
      holds = self.text(predicate, value)
      return holds != predicate.isAny
    }
    return holds
  }

  private mutating func path(_ predicate: ExpressionPredicate, _ path: Span<UInt8>) -> Bool {
    guard self.text(predicate, path, base: 0) else { return false }
    switch predicate.test {
    case .equal(let bytes), .prefix(let bytes), .suffix(let bytes): self.matchedPathLength = bytes.count
    case .regex: self.matchedPathLength = self.scratch.pendingLength
    default: break
    }
    return true
  }

  /// `base` is where the text begins in the path, when it is part of it: captures are kept then.
  private func text(_ predicate: ExpressionPredicate, _ text: Span<UInt8>, base: Int? = nil) -> Bool {
    if case .regex(let regex) = predicate.test {
      let isMatch = predicate.isLowered ? self.scratch.matchesLowered(regex, text) : self.scratch.matches(regex, text)
      if isMatch, let base { self.scratch.suspendCaptures(of: regex, base: base) }
      return isMatch
    }
    let isLowered = predicate.isLowered
    switch predicate.test {
    case .equal(let bytes): return text.count == bytes.count && text.has(bytes.span, at: 0, lowered: isLowered)
    case .notEqual(let bytes): return text.count != bytes.count || !text.has(bytes.span, at: 0, lowered: isLowered)
    case .prefix(let bytes): return text.has(bytes.span, at: 0, lowered: isLowered)
    case .suffix(let bytes): return text.has(bytes.span, at: text.count &- bytes.count, lowered: isLowered)
    case .contains(let bytes):
      guard text.count >= bytes.count else { return false }
      for start in 0...(text.count &- bytes.count) where text.has(bytes.span, at: start, lowered: isLowered) {
        return true
      }
      return false
    default: return false
    }
  }

  private static func number(_ predicate: ExpressionPredicate, _ value: Int) -> Bool {
    guard case .number(let comparison, let other) = predicate.test else { return false }
    let value = Int64(value)
    switch comparison {
    case .equal: return value == other
    case .notEqual: return value != other
    case .less: return value < other
    case .lessOrEqual: return value <= other
    case .greater: return value > other
    case .greaterOrEqual: return value >= other
    }
  }

  private static func address(_ predicate: ExpressionPredicate, _ value: IPAddress) -> Bool {
    switch predicate.test {
    case .address(let other, let isEqual): (value == other) == isEqual
    case .block(let block, let isInside): block.contains(value) == isInside
    default: false
    }
  }
}

extension Span<UInt8> {
  /// Whether these bytes, lowered if asked, have the others at an offset.
  fileprivate func has(_ other: Span<UInt8>, at offset: Int, lowered: Bool) -> Bool {
    guard offset >= 0, self.count &- offset >= other.count else { return false }
    for index in other.indices {
      let byte = self[offset &+ index]
      guard (lowered ? byte.asciiLowercased : byte) == other[index] else { return false }
    }
    return true
  }
}
