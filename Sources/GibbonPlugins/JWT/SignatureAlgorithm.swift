// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How a token is signed (RFC 7518 section 3, RFC 8037 section 3.1), by the names that tokens and credentials use.
enum SignatureAlgorithm: String, Sendable, CaseIterable {
  case hs256 = "HS256"
  case hs384 = "HS384"
  case hs512 = "HS512"
  case rs256 = "RS256"
  case rs384 = "RS384"
  case rs512 = "RS512"
  case es256 = "ES256"
  case es384 = "ES384"
  case es512 = "ES512"
  case ps256 = "PS256"
  case ps384 = "PS384"
  case ps512 = "PS512"
  case edDSA = "EdDSA"

  /// Of a credential that does not say.
  static let initial = SignatureAlgorithm.hs256

  /// Whether signer and gateway share a secret.
  var usesSecret: Bool {
    switch self {
    case .hs256, .hs384, .hs512: true
    default: false
    }
  }
}
