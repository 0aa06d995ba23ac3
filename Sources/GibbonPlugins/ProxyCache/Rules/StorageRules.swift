// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// Which responses a cache that many clients share may keep, and for how long (RFC 9111 section 3).
struct StorageRules: Sendable {
  /// How a response is kept.
  struct Verdict: Sendable {
    /// How responses of its key differ.
    var fields: VaryFields
    /// Seconds that it is fresh, from when it was made.
    var ttlSeconds: Int
    /// Seconds that it is kept from now on; nil for ever.
    var storageSeconds: Int?
    var traits: CachedResponse.Traits
  }

  /// Answers to one client's conditions, credentials, sizes and paces: another client's request would have another.
  private static let personalStatuses: Set<Int> = [
    206, 304, 400, 401, 407, 408, 411, 412, 413, 416, 417, 421, 425, 426, 428, 429, 431,
  ]

  let statuses: Set<Int>
  let types: [ContentType]
  let usesCacheControl: Bool
  /// `cache_ttl`.
  let ttlSeconds: Int
  /// `storage_ttl`.
  let storageSeconds: Int?
  /// Whether what is for one client is kept all the same (the property `proxy_cache_private`).
  let keepsPrivate: Bool

  /// - Parameters:
  ///   - isAuthorized: whether its request had an `Authorization` that the key does not have.
  ///   - now: Unix seconds.
  /// - Returns: nil where it may not be kept.
  func verdict(of response: ResponseView, isAuthorized: Bool, now: Int) -> Verdict? {
    // Errors and answers of the gateway: the next request may fare better.
    guard response.source == .service, self.takes(response), let fields = VaryFields(response.headers("Vary")) else {
      return nil
    }
    let directives = CacheDirectives(response.headers("Cache-Control"))
    if directives.forbidsStoring, self.usesCacheControl || !self.keepsPrivate { return nil }
    if isAuthorized, !directives.answersAuthorized { return nil }
    var traits = CachedResponse.Traits(
      ageSeconds: 0, answersAuthorized: directives.answersAuthorized, mustBeFresh: directives.mustBeFresh)
    var lifetime = self.ttlSeconds
    if self.usesCacheControl {
      let date = response.header("Date").flatMap { HTTPDate($0)?.unixSeconds } ?? now
      lifetime = directives.lifetimeSeconds(expires: response.headers("Expires"), date: date)
      traits.ageSeconds = Self.age(response.headers("Age"), date: date, now: now)
    }
    let remaining = lifetime - traits.ageSeconds
    let storage = self.storageSeconds ?? remaining
    guard remaining > 0, storage >= 0 else { return nil }
    return Verdict(
      fields: fields, ttlSeconds: lifetime, storageSeconds: storage == 0 ? nil : storage, traits: traits)
  }

  private func takes(_ response: ResponseView) -> Bool {
    let status = Int(response.status)
    guard self.statuses.contains(status), !Self.personalStatuses.contains(status),
      let text = response.header("Content-Type"), !text.isEmpty
    else { return false }
    // A part of a whole, and what is meant for one client.
    guard ["Content-Range", "Set-Cookie", "Set-Cookie2"].allSatisfy({ response.header($0) == nil }) else {
      return false
    }
    let type = ContentType(text)
    return self.types.contains { $0.covers(type) }
  }

  /// How old a response is when it comes, by the caches before and by its date (RFC 9111 section 4.2.3). An age that is
  /// no number is a great one.
  private static func age(_ fields: [String], date: Int, now: Int) -> Int {
    let told = fields.map { text in
      let digits = Array(text.utf8)[...].trimmingBlanks
      guard !digits.isEmpty, digits.allSatisfy({ $0.isASCIIDigit }) else { return CacheDirectives.secondsLimit }
      return min(
        Int(String(decoding: digits, as: UTF8.self)) ?? CacheDirectives.secondsLimit, CacheDirectives.secondsLimit)
    }
    return max(told.max() ?? 0, min(max(0, now - date), CacheDirectives.secondsLimit))
  }
}
