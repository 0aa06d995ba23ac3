// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import CryptoExtras

/// What tells whether a token was signed by the owner of a credential.
enum VerificationKey: Sendable {
  case secret(SymmetricKey)
  case publicKey(PublicKey)

  /// Whether the token's signature is this key's. A key of another kind than the token's algorithm has signed nothing.
  /// Secrets are compared in constant time.
  func verifies(_ token: SignedToken) -> Bool {
    let (message, signature) = (token.message, token.signature)
    guard !signature.isEmpty else { return false }
    switch (token.algorithm, self) {
    case (.hs256, .secret(let key)):
      return HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: message, using: key)
    case (.hs384, .secret(let key)):
      return HMAC<SHA384>.isValidAuthenticationCode(signature, authenticating: message, using: key)
    case (.hs512, .secret(let key)):
      return HMAC<SHA512>.isValidAuthenticationCode(signature, authenticating: message, using: key)
    case (.rs256, .publicKey(.rsa(let key))):
      return Self.verifies(signature, key, SHA256.hash(data: message), .insecurePKCS1v1_5)
    case (.rs384, .publicKey(.rsa(let key))):
      return Self.verifies(signature, key, SHA384.hash(data: message), .insecurePKCS1v1_5)
    case (.rs512, .publicKey(.rsa(let key))):
      return Self.verifies(signature, key, SHA512.hash(data: message), .insecurePKCS1v1_5)
    case (.ps256, .publicKey(.rsa(let key))):
      return Self.verifies(signature, key, SHA256.hash(data: message), .PSS)
    case (.ps384, .publicKey(.rsa(let key))):
      return Self.verifies(signature, key, SHA384.hash(data: message), .PSS)
    case (.ps512, .publicKey(.rsa(let key))):
      return Self.verifies(signature, key, SHA512.hash(data: message), .PSS)
    case (.es256, .publicKey(.p256(let key))):
      guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: message)
    case (.es384, .publicKey(.p384(let key))):
      guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: message)
    case (.es512, .publicKey(.p521(let key))):
      guard let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: message)
    case (.edDSA, .publicKey(.ed25519(let key))):
      return key.isValidSignature(signature, for: message)
    default:
      return false
    }
  }

  private static func verifies(
    _ signature: [UInt8], _ key: _RSA.Signing.PublicKey, _ digest: some Digest, _ padding: _RSA.Signing.Padding
  ) -> Bool {
    // A signature is as long as the modulus (RFC 8017 section 8).
    guard signature.count == (key.keySizeInBits + 7) / 8 else { return false }
    return key.isValidSignature(
      _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: padding)
  }
}
