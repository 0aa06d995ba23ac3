// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// What the claims of a token must say about time (RFC 7519 section 4.1).
struct ClaimRules: Sendable {
  enum Claim: String, Sendable {
    case expiration = "exp"
    case notBefore = "nbf"
  }

  let verified: [Claim]
  /// The most seconds that a token may be valid from now; zero for no limit.
  let maximumExpiration: Double

  /// Messages by claim; nil when the token may be used.
  /// - Parameter now: Unix seconds.
  func violations(_ claims: JSONObject, now: Int) -> JSONObject? {
    var violations = JSONObject()
    for claim in self.verified {
      if let message = Self.violation(of: claim, claims[claim.rawValue], now: Double(now)) {
        violations[claim.rawValue] = .string(message)
      }
    }
    if !violations.isEmpty { return violations }
    guard self.maximumExpiration > 0 else { return nil }
    guard let expiration = claims["exp"]?.doubleValue, expiration - Double(now) <= self.maximumExpiration else {
      return ["exp": "exceeds maximum allowed expiration"]
    }
    return nil
  }

  private static func violation(of claim: Claim, _ value: JSONValue?, now: Double) -> String? {
    guard let time = value?.doubleValue else { return "must be a number" }
    switch claim {
    case .expiration: return time > now ? nil : "token expired"
    case .notBefore: return time <= now ? nil : "token not valid yet"
    }
  }
}
