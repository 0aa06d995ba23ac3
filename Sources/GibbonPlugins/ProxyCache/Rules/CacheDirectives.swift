// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// `Cache-Control` of a request or response (RFC 9111 section 5.2).
///
/// Where a directive comes several times, what trusts the cache least counts; so does what cannot be read as a number of
/// seconds.
struct CacheDirectives: Sendable {
  /// The greatest number of seconds that is told apart (RFC 9111 section 1.2.2).
  static let secondsLimit = 1 << 31

  private enum Value: Sendable, Equatable {
    /// The directive alone.
    case none
    case seconds(Int)
    /// Something else.
    case other
  }

  private var values: [String: [Value]] = [:]

  /// - Parameter fields: the values of all fields of that name.
  init(_ fields: [String] = []) {
    for field in fields {
      // A semicolon separates nothing here, but some services write one, and mean it.
      for part in Array(field.utf8).split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }) {
        let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        let name = Self.bare(pair.first ?? part).map(\.asciiLowercased)
        guard !name.isEmpty else { continue }
        let value = pair.count > 1 ? Self.value(Self.bare(pair[1])) : .none
        self.values[String(decoding: name, as: UTF8.self), default: []].append(value)
      }
    }
  }

  /// Without white space and quotes around it.
  private static func bare(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = text.trimmingBlanks
    if bytes.first == UInt8(ascii: "\"") { bytes = bytes.dropFirst() }
    if bytes.last == UInt8(ascii: "\"") { bytes = bytes.dropLast() }
    return bytes
  }

  private static func value(_ digits: ArraySlice<UInt8>) -> Value {
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCIIDigit }) else { return .other }
    // Digits that do not fit are a large number all the same.
    return .seconds(min(Int(String(decoding: digits, as: UTF8.self)) ?? Self.secondsLimit, Self.secondsLimit))
  }

  func has(_ name: String) -> Bool { self.values[name] != nil }

  /// The least of the numbers there are; nil where there is none, or something else besides.
  func seconds(_ name: String) -> Int? { self.numbers(name)?.min() }

  private func numbers(_ name: String) -> [Int]? {
    let numbers = (self.values[name] ?? []).map { value -> Int? in
      if case .seconds(let number) = value { number } else { nil }
    }
    return numbers.contains(nil) ? nil : numbers.compactMap { $0 }
  }

  // MARK: Of a request

  /// The client wants no part of the cache.
  var refusesCache: Bool { self.has("no-store") || self.has("no-cache") }

  var wantsOnlyCached: Bool { self.has("only-if-cached") }

  /// Whether a client takes a response that is so old; one that is no longer fresh only where it says so, and where the
  /// service lets it.
  func accept(ageSeconds age: Int, ttlSeconds ttl: Int, mustBeFresh: Bool = false) -> Bool {
    if self.has("max-age"), age > self.seconds("max-age") ?? -1 { return false }
    if self.has("min-fresh"), ttl - age < self.numbers("min-fresh")?.max() ?? .max { return false }
    if mustBeFresh { return age <= ttl }
    if self.values["max-stale"]?.allSatisfy({ $0 == .none }) == true { return true }
    return age - ttl <= self.values["max-stale"]?.map(Self.patience).min() ?? 0
  }

  /// Seconds that a response may be over.
  private static func patience(_ value: Value) -> Int {
    switch value {
    case .none: Self.secondsLimit
    case .seconds(let seconds): seconds
    case .other: 0
    }
  }

  // MARK: Of a response

  /// The service wants it kept by nobody, or not by what many clients share, or not repeated unasked.
  var forbidsStoring: Bool { self.has("private") || self.has("no-store") || self.has("no-cache") }

  /// It may be repeated to others although its request had `Authorization` (RFC 9111 section 3.5).
  var answersAuthorized: Bool { self.has("public") || self.has("s-maxage") || self.has("must-revalidate") }

  /// Not repeated once it is no longer fresh.
  var mustBeFresh: Bool { self.has("must-revalidate") || self.has("proxy-revalidate") || self.has("s-maxage") }

  /// Seconds that a response is fresh, from when it was made; 0 where it does not say.
  ///
  /// - Parameters:
  ///   - expires: its fields of that name.
  ///   - date: when it was made, in Unix seconds.
  func lifetimeSeconds(expires: [String], date: Int) -> Int {
    for name in ["s-maxage", "max-age"] where self.has(name) { return self.seconds(name) ?? 0 }
    let lifetimes = expires.map { text in HTTPDate(text).map { $0.unixSeconds - date } ?? 0 }
    return max(0, min(lifetimes.min() ?? 0, Self.secondsLimit))
  }
}
