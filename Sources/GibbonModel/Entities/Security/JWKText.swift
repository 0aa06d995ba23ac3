// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import GibbonCore
internal import GibbonSchema

/// JSON Web Keys (RFC 7517) as texts: whether a key can be made of one.
enum JWKText {
  /// What is wrong with a key, in Kong's words; nil for one that can be used.
  static func violation(of key: JSONObject) -> String? {
    guard self.isKey(key) else { return "could not load JWK, likely not a valid key" }
    let unknown = key.map(\.key).filter { !self.members.contains($0) }.sorted().first
    return unknown.map { "Validation error: \($0): unknown field" }
  }

  private static let members: Set<String> = [
    "issuer", "kty", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "k", "x", "y", "d", "crv", "n",
    "e",
    "p", "q", "dp", "dq", "qi", "oth", "r", "t",
  ]

  /// The kinds of keys that Kong loads: pairs of keys, not shared secrets.
  private static func isKey(_ key: JSONObject) -> Bool {
    func number(_ name: String) -> [UInt8]? {
      key[name]?.stringValue.flatMap { Base64.url.decoded($0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    // A private part is optional, and must be one where it is given.
    for name in ["d", "p", "q", "dp", "dq", "qi"] where key[name] != nil && number(name) == nil { return false }
    switch key["kty"]?.stringValue {
    case "RSA": return number("n") != nil && number("e") != nil
    case "EC":
      guard let x = number("x"), let y = number("y") else { return false }
      return self.isPoint(x, y, on: key["crv"]?.stringValue ?? "")
    case "OKP":
      guard let size = self.okpBytes[key["crv"]?.stringValue ?? ""], let part = number("x") ?? number("d") else {
        return false
      }
      return part.count == size
    default: return false
    }
  }

  /// RFC 8037: the size of a key on each curve.
  private static let okpBytes = ["Ed25519": 32, "X25519": 32, "Ed448": 57, "X448": 56]

  private static func isPoint(_ x: [UInt8], _ y: [UInt8], on curve: String) -> Bool {
    switch curve {
    case "P-256": self.point(x, y, size: 32).flatMap { try? P256.Signing.PublicKey(rawRepresentation: $0) } != nil
    case "P-384": self.point(x, y, size: 48).flatMap { try? P384.Signing.PublicKey(rawRepresentation: $0) } != nil
    case "P-521": self.point(x, y, size: 66).flatMap { try? P521.Signing.PublicKey(rawRepresentation: $0) } != nil
    default: false
    }
  }

  /// Both coordinates, each filled up to its size.
  private static func point(_ x: [UInt8], _ y: [UInt8], size: Int) -> [UInt8]? {
    guard x.count <= size, y.count <= size else { return nil }
    return [UInt8](repeating: 0, count: size - x.count) + x + [UInt8](repeating: 0, count: size - y.count) + y
  }
}
