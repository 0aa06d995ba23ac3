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

  mutating func answer(_ node: ExpressionNode, _ request: borrowing RequestView) -> RuleAnswer {
    switch node {
    case .all(let parts):
      var answer = RuleAnswer.met
      for part in parts where answer != .unmet { answer = answer.and(self.answer(part, request)) }
      return answer
    case .any(let parts):
      var answer = RuleAnswer.unmet
      for part in parts where answer != .met { answer = answer.or(self.answer(part, request)) }
      return answer
    case .not(let part): return self.answer(part, request).negated
    case .predicate(let predicate): return self.answer(predicate, request)
    }
  }

  private mutating func answer(_ predicate: ExpressionPredicate, _ request: borrowing RequestView) -> RuleAnswer {
    switch predicate.field {
    case .method: return self.text(predicate, request.method)
    case .host: return request.host.isEmpty ? .unmet : self.text(predicate, request.host)
    case .path: return self.path(predicate, request.path)
    case .segments(let first, let last):
      self.scratch.charge(reading: request.path.count)
      guard let range = PathSegments.range(first, last, of: request.path) else { return .unmet }
      return self.text(predicate, request.path.extracting(range), base: range.lowerBound)
    case .scheme:
      let name = self.details.scheme.rawValue
      return self.text(predicate, name.utf8.span)
    case .sni:
      guard let sni = self.details.sni else { return .unmet }
      return self.text(predicate, sni.utf8.span.withoutFinalDot)
    case .header(let name):
      self.scratch.charge(reading: self.details.headerCount)
      return self.values(predicate) { self.details.visitHeaderValues(name, $0) }
    case .query(let name):
      self.scratch.charge(reading: self.details.queryLength)
      return self.values(predicate) { self.details.visitQueryValues(name, $0) }
    case .segmentCount:
      self.scratch.charge(reading: request.path.count)
      return RuleAnswer(Self.number(predicate, PathSegments.count(of: request.path)))
    case .sourcePort: return RuleAnswer(self.details.source.map { Self.number(predicate, Int($0.port)) } ?? false)
    case .destinationPort:
      if self.details.scheme.isStream {
        return RuleAnswer(self.details.destination.map { Self.number(predicate, Int($0.port)) } ?? false)
      }
      return RuleAnswer(Self.number(predicate, Int(request.port)))
    case .sourceAddress:
      return RuleAnswer(self.details.source.map { Self.address(predicate, $0.address) } ?? false)
    case .destinationAddress:
      return RuleAnswer(self.details.destination.map { Self.address(predicate, $0.address) } ?? false)
    }
  }

  /// All values must satisfy the predicate, or with any() one; no value satisfies nothing.
  private func values(_ predicate: ExpressionPredicate, _ visit: ((Span<UInt8>) -> Bool) -> Void) -> RuleAnswer {
    var answer: RuleAnswer?
    visit { value in
      let next = self.text(predicate, value)
      if predicate.isAny {
        answer = (answer ?? .unmet).or(next)
        return answer != .met
      }
      answer = (answer ?? .met).and(next)
      return answer != .unmet
    }
    return answer ?? .unmet
  }

  private mutating func path(_ predicate: ExpressionPredicate, _ path: Span<UInt8>) -> RuleAnswer {
    let answer = self.text(predicate, path, base: 0)
    guard answer == .met else { return answer }
    switch predicate.test {
    case .equal(let bytes), .prefix(let bytes), .suffix(let bytes): self.matchedPathLength = bytes.count
    case .regex: self.matchedPathLength = self.scratch.pendingLength
    default: break
    }
    return .met
  }

  /// `base` is where the text begins in the path, when it is part of it: captures are kept then.
  private func text(_ predicate: ExpressionPredicate, _ text: Span<UInt8>, base: Int? = nil) -> RuleAnswer {
    // The bytes of a host's name are compared in lower case, and its expressions are compiled for either.
    let isLowered = predicate.isLowered || predicate.field.isHostName
    if case .regex(let regex) = predicate.test {
      let copies = predicate.isLowered && !predicate.field.isHostName
      let answer = copies ? self.scratch.searchLowered(regex, text) : self.scratch.search(regex, text)
      if answer == .met, let base { self.scratch.suspendCaptures(of: regex, base: base) }
      return answer
    }
    return RuleAnswer(self.holds(predicate.test, text, isLowered: isLowered))
  }

  private func holds(_ test: ExpressionPredicate.Test, _ text: Span<UInt8>, isLowered: Bool) -> Bool {
    switch test {
    case .equal(let bytes): return text.count == bytes.count && text.has(bytes.span, at: 0, lowered: isLowered)
    case .notEqual(let bytes): return text.count != bytes.count || !text.has(bytes.span, at: 0, lowered: isLowered)
    case .prefix(let bytes): return text.has(bytes.span, at: 0, lowered: isLowered)
    case .suffix(let bytes): return text.has(bytes.span, at: text.count &- bytes.count, lowered: isLowered)
    case .contains(let bytes):
      self.scratch.charge(reading: text.count)
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
