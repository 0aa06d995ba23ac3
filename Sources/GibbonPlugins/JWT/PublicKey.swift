// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import CryptoExtras
internal import GibbonSchema

/// A public key of one of the kinds that verify tokens.
enum PublicKey: Sendable {
  case rsa(_RSA.Signing.PublicKey)
  case p256(P256.Signing.PublicKey)
  case p384(P384.Signing.PublicKey)
  case p521(P521.Signing.PublicKey)
  case ed25519(Curve25519.Signing.PublicKey)

  /// Longer texts are no keys.
  static let maximumBytes = 65_536

  /// The key of a PEM text: a public key, or a private one, of which the public half is taken. RSA keys have at least
  /// 1024 bits. nil for anything else.
  init?(pem text: String) {
    guard text.utf8.count <= Self.maximumBytes, let begin = text.firstRange(of: "-----BEGIN ") else { return nil }
    // Remarks may stand before the key.
    let block = String(text[begin.lowerBound...])
    guard let label = PEMText.labels(in: block)?.first, let der = PEMText.firstContent(of: block) else { return nil }
    switch label {
    case "PUBLIC KEY", "RSA PUBLIC KEY": self.init(publicDER: der)
    case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY": self.init(privateDER: der)
    default: return nil
    }
  }

  /// Each kind says in its first bytes which it is, so that one at most reads it.
  private init?(publicDER der: [UInt8]) {
    if let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der) {
      self = .rsa(key)
    } else if let key = try? P256.Signing.PublicKey(derRepresentation: der) {
      self = .p256(key)
    } else if let key = try? P384.Signing.PublicKey(derRepresentation: der) {
      self = .p384(key)
    } else if let key = try? P521.Signing.PublicKey(derRepresentation: der) {
      self = .p521(key)
    } else if let key = try? Curve25519.Signing.PublicKey(derRepresentation: der) {
      self = .ed25519(key)
    } else {
      return nil
    }
  }

  private init?(privateDER der: [UInt8]) {
    if let key = try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der) {
      self = .rsa(key.publicKey)
    } else if let key = try? P256.Signing.PrivateKey(derRepresentation: der) {
      self = .p256(key.publicKey)
    } else if let key = try? P384.Signing.PrivateKey(derRepresentation: der) {
      self = .p384(key.publicKey)
    } else if let key = try? P521.Signing.PrivateKey(derRepresentation: der) {
      self = .p521(key.publicKey)
    } else if let key = try? Curve25519.Signing.PrivateKey(derRepresentation: der) {
      self = .ed25519(key.publicKey)
    } else {
      return nil
    }
  }
}
