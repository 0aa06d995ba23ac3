// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import GibbonCore

/// The hashes that a signature may be made with, by the names that requests use.
enum HMACAlgorithm: String, Sendable, CaseIterable {
  case sha1 = "hmac-sha1"
  case sha256 = "hmac-sha256"
  case sha384 = "hmac-sha384"
  case sha512 = "hmac-sha512"

  /// Whether the signature is that of the message under the secret. In constant time.
  func verifies(_ signature: [UInt8], of message: [UInt8], secret: String) -> Bool {
    let key = SymmetricKey(data: Array(secret.utf8))
    return switch self {
    case .sha1: HMAC<Insecure.SHA1>.isValidAuthenticationCode(signature, authenticating: message, using: key)
    case .sha256: HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: message, using: key)
    case .sha384: HMAC<SHA384>.isValidAuthenticationCode(signature, authenticating: message, using: key)
    case .sha512: HMAC<SHA512>.isValidAuthenticationCode(signature, authenticating: message, using: key)
    }
  }
}

/// The value of `Digest` for a body.
enum BodyDigest {
  static func matches(_ field: String, _ body: [UInt8]) -> Bool {
    let prefix = "SHA-256="
    guard field.starts(withBytesOf: prefix),
      let digest = Base64.standard.decoded(Array(field.utf8)[prefix.utf8.count...])
    else { return false }
    return SHA256.hash(data: body) == digest
  }
}
