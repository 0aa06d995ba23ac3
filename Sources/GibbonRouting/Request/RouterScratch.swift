// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonRegex

/// The memory of a match, used again and again. One per event loop, never shared.
public final class RouterScratch {
  /// Regular expressions cut off at their limit so far; each counted as "no match".
  public internal(set) var regexLimitExceeded = 0

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

  func clearCaptures() {
    // Nearly every match: no regular expression, nothing to forget.
    if self.captures.isEmpty { return self.captureRegex = nil }
    self.captures.removeAll(keepingCapacity: true)
    self.captureRegex = nil
  }

  /// Searches, and counts a search that was cut off.
  func matches(_ regex: Regex, _ text: Span<UInt8>) -> Bool {
    let outcome = regex.match(text, scratch: self.regex)
    if outcome == .limitExceeded { self.regexLimitExceeded &+= 1 }
    return outcome == .matched
  }

  /// Searches in a copy with lowered letters.
  func matchesLowered(_ regex: Regex, _ text: Span<UInt8>) -> Bool {
    var copy: [UInt8] = []
    swap(&copy, &self.buffer)
    copy.removeAll(keepingCapacity: true)
    for index in text.indices { copy.append(text[index].asciiLowercased) }
    let isMatch = self.matches(regex, copy.span)
    swap(&copy, &self.buffer)
    return isMatch
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
