// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonRegex

/// The memory of a match, used again and again. One per event loop, never shared.
public final class RouterScratch {
  /// What the router may still do for the request: rules looked at, fields compared, steps of regular expressions. It
  /// bounds routes times patterns times fields.
  var budget = RegexBudget()

  /// Steps that the last match took.
  public var stepsTaken: Int { RegexBudget.standard - self.budget.steps }

  /// Groups of the path's regular expression by number, group 0 being what it matched; ranges of the
  /// request's path, nil for groups that took no part. Empty unless `RouteMatch.isRegexPath`.
  public internal(set) var captures: [ByteRange?] = []

  /// The regular expression that set `captures`.
  var captureRegex: Regex?
  private var pending: [ByteRange?] = []
  private var pendingRegex: Regex?
  let regex = RegexScratch()

  /// Places found by a header, while they are tried.
  var places: [UInt32] = []

  /// For values that must be changed before a regular expression sees them.
  var buffer: [UInt8] = []

  public init() {
    self.captures.reserveCapacity(32)
    self.pending.reserveCapacity(32)
    self.buffer.reserveCapacity(1024)
  }

  /// Names of the groups, in the order of their numbers.
  public var captureNames: [(name: String, group: Int)] { self.captureRegex?.groupNames ?? [] }

  /// The range of the group with that name.
  public func capture(named name: String) -> ByteRange? {
    for entry in self.captureNames where entry.name == name {
      return entry.group < self.captures.count ? self.captures[entry.group] : nil
    }
    return nil
  }

  /// Forgets the request before.
  func begin() {
    self.clearCaptures()
    self.budget = RegexBudget()
  }

  /// Bytes that are compared in one step.
  private static let bytesPerStep = 8

  /// Takes steps for reading bytes, or as many fields.
  @inline(__always)
  func charge(reading count: Int) { self.budget.spend(1 &+ count / Self.bytesPerStep) }

  func clearCaptures() {
    // Nearly every match: no regular expression, nothing to forget.
    if self.captures.isEmpty { return self.captureRegex = nil }
    self.captures.removeAll(keepingCapacity: true)
    self.captureRegex = nil
  }

  /// Searches; a search that was given up has no answer.
  func search(_ regex: Regex, _ text: Span<UInt8>) -> RuleAnswer {
    return switch regex.match(text, scratch: self.regex, budget: &self.budget) {
    case .matched: .met
    case .noMatch: .unmet
    case .limitExceeded: .unknown
    }
  }

  /// Searches in a copy with lowered letters.
  func searchLowered(_ regex: Regex, _ text: Span<UInt8>) -> RuleAnswer {
    var copy: [UInt8] = []
    swap(&copy, &self.buffer)
    copy.removeAll(keepingCapacity: true)
    for index in text.indices { copy.append(text[index].asciiLowercased) }
    let answer = self.search(regex, copy.span)
    swap(&copy, &self.buffer)
    return answer
  }

  /// Notes the groups of the search just made, until it is known whether its rule wins; `base` is where
  /// the searched text begins in the path.
  func suspendCaptures(of regex: Regex, base: Int = 0) {
    self.pending.removeAll(keepingCapacity: true)
    self.pendingRegex = regex
    for group in 0...regex.groupCount {
      let range = self.regex.range(ofGroup: group)
      self.pending.append(range.map { ByteRange(offset: $0.lowerBound &+ base, count: $0.count) })
    }
  }

  /// Bytes that the suspended search matched.
  var pendingLength: Int { self.pending.first.flatMap { $0.map { Int($0.count) } } ?? 0 }

  func clearPending() {
    self.pending.removeAll(keepingCapacity: true)
    self.pendingRegex = nil
  }

  /// The rule wins: its groups are the match's.
  func commitCaptures() {
    swap(&self.captures, &self.pending)
    self.captureRegex = self.pendingRegex
  }
}
