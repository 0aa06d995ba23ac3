// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// A JSON Web Token (RFC 7519) in its compact form, taken apart. Nothing in it is true before its signature has been
/// verified.
struct SignedToken {
  /// Longer texts are not looked at: it is more than a request's head holds as the gateway is shipped.
  static let maximumBytes = 65_536

  let algorithm: SignatureAlgorithm
  let header: JSONObject
  let claims: JSONObject
  /// What was signed: header and claims as they were written, with the dot between them.
  let message: [UInt8]
  let signature: [UInt8]

  /// What is wrong with a text that is no token, in Kong's words.
  struct Fault: Error, Hashable {
    let reason: String
  }

  static func read(_ text: [UInt8]) -> Result<SignedToken, Fault> {
    let dot = UInt8(ascii: ".")
    guard let first = text.firstIndex(of: dot), let second = text[(first + 1)...].firstIndex(of: dot) else {
      return .failure(Fault(reason: "invalid JSON"))
    }
    guard let header = Self.json(text[..<first]), let claims = Self.json(text[(first + 1)..<second]) else {
      return .failure(Fault(reason: "invalid JSON"))
    }
    guard case .object(let header) = header, let name = header["alg"]?.stringValue,
      let algorithm = SignatureAlgorithm(rawValue: name)
    else { return .failure(Fault(reason: "invalid alg")) }
    guard Self.isUnderstood(header) else { return .failure(Fault(reason: "invalid crit")) }
    guard case .object(let claims) = claims else { return .failure(Fault(reason: "invalid claims")) }
    guard let signature = Base64.url.decoded(text[(second + 1)...]) else {
      return .failure(Fault(reason: "invalid signature"))
    }
    return .success(
      SignedToken(
        algorithm: algorithm, header: header, claims: claims, message: Array(text[..<second]), signature: signature))
  }

  /// No extension of RFC 7515 section 4.1.11 is understood here, RFC 7797's payload that is not encoded among them: a
  /// token that needs one is none.
  private static func isUnderstood(_ header: JSONObject) -> Bool {
    guard header["crit"] == nil else { return false }
    return header["b64"].map { $0 == .bool(true) } ?? true
  }

  /// A name that comes twice is refused (RFC 7519 section 4): a service may take the other one.
  private static let limits = JSONParser.Limits(depth: 64, size: Self.maximumBytes, allowsRepeatedKeys: false)

  private static func json(_ part: ArraySlice<UInt8>) -> JSONValue? {
    Base64.url.decoded(part).flatMap { try? JSONParser.parse($0, limits: Self.limits).get() }
  }

  /// The value of the claim that names the credential; the header may have it in place of the claims.
  func value(of name: String) -> JSONValue? {
    for part in [self.claims, self.header] {
      switch part[name] {
      case nil, .null?, .bool(false)?: continue
      case let value?: return value
      }
    }
    return nil
  }
}
