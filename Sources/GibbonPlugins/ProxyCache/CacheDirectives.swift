// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// `Cache-Control` of a request or response (RFC 9111 section 5.2).
///
/// Directives are read once and the last of a name counts, as in Kong. What cannot be read as a number of seconds
/// counts as the number that trusts the cache least.
struct CacheDirectives: Sendable {
  /// The greatest number of seconds that is told apart (RFC 9111 section 1.2.2).
  static let secondsLimit = 1 << 31

  private var values: [String: String?] = [:]

  /// - Parameter fields: the values of all fields of that name.
  init(_ fields: [String] = []) {
    for field in fields {
      for part in field.utf8.split(separator: UInt8(ascii: ",")) {
        let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        let name = Self.trimmed(pair.first ?? part[...]).lowercased()
        if !name.isEmpty { self.values.updateValue(pair.count > 1 ? Self.trimmed(pair[1]) : nil, forKey: name) }
      }
    }
  }

  /// Without white space and quotes around it.
  private static func trimmed(_ text: Substring.UTF8View) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    var bytes = Array(text)[...]
    bytes = bytes.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    if bytes.count > 1, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
      bytes = bytes.dropFirst().dropLast()
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func has(_ name: String) -> Bool { self.values[name] != nil }

  /// Whether the directive stands there without a value.
  private func isBare(_ name: String) -> Bool { self.values[name] == .some(nil) }

  /// nil where there is no number.
  func seconds(_ name: String) -> Int? {
    guard let held = self.values[name], let text = held, !text.isEmpty, text.utf8.allSatisfy({ $0.isASCIIDigit })
    else { return nil }
    // Digits that do not fit are a large number all the same.
    return min(Int(text) ?? Self.secondsLimit, Self.secondsLimit)
  }

  // MARK: Of a request

  /// The client wants no part of the cache.
  var refusesCache: Bool { self.has("no-store") || self.has("no-cache") }

  var wantsOnlyCached: Bool { self.has("only-if-cached") }

  /// Whether a client takes a response that is so old; one that is no longer fresh only where it says so.
  func accept(ageSeconds age: Int, ttlSeconds ttl: Int) -> Bool {
    if self.has("max-age"), age > self.seconds("max-age") ?? -1 { return false }
    if self.has("min-fresh"), ttl - age < self.seconds("min-fresh") ?? .max { return false }
    if self.isBare("max-stale") { return true }
    return age - ttl <= self.seconds("max-stale") ?? 0
  }

  // MARK: Of a response

  /// The service wants it kept by nobody, or not by what many clients share.
  var forbidsStoring: Bool { self.has("private") || self.has("no-store") || self.has("no-cache") }

  /// Seconds that a response is fresh; 0 where it does not say.
  ///
  /// - Parameters:
  ///   - expires: its field of that name.
  ///   - now: Unix seconds.
  func lifetimeSeconds(expires: String?, now: Int) -> Int {
    for name in ["s-maxage", "max-age"] where self.has(name) { return self.seconds(name) ?? 0 }
    guard let date = expires.flatMap({ HTTPDate($0) }) else { return 0 }
    return max(0, min(date.unixSeconds - now, Self.secondsLimit))
  }
}
