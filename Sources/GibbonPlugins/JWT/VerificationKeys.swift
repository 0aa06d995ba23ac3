// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonSchema
internal import Synchronization

/// The keys of credentials, read once for each. Thread-safe.
final class VerificationKeys: Sendable {
  enum Lookup: Sendable {
    case key(VerificationKey)
    /// The credential has none, or a secret that is none.
    case missing
    /// The credential's public key is not one.
    case unreadable
  }

  private struct Entry {
    let algorithm: SignatureAlgorithm
    let text: String
    let lookup: Lookup
  }

  private let isSecretBase64: Bool
  private let capacity: Int
  private let entries = Mutex<[EntityID: Entry]>([:])

  /// - Parameters:
  ///   - isSecretBase64: whether secrets stand in credentials as base64.
  ///   - capacity: of how many credentials the keys are kept.
  init(isSecretBase64: Bool, capacity: Int = 4096) {
    self.isSecretBase64 = isSecretBase64
    self.capacity = capacity
  }

  var count: Int { self.entries.withLock { $0.count } }

  /// The key that verifies the credential's tokens.
  func key(of credential: Credential, for algorithm: SignatureAlgorithm) -> Lookup {
    let field = algorithm.usesSecret ? "secret" : "rsa_public_key"
    guard let text = credential.fields[field]?.stringValue, !text.isEmpty else { return .missing }
    let known = self.entries.withLock { $0[credential.id] }
    if let known, known.algorithm == algorithm, known.text == text { return known.lookup }
    let lookup = algorithm.usesSecret ? self.secret(text) : Self.publicKey(text)
    self.entries.withLock { entries in
      if entries.count >= self.capacity, entries[credential.id] == nil, !entries.isEmpty {
        entries.remove(at: entries.startIndex)
      }
      entries[credential.id] = Entry(algorithm: algorithm, text: text, lookup: lookup)
    }
    return lookup
  }

  private func secret(_ text: String) -> Lookup {
    let bytes = self.isSecretBase64 ? Base64.either.decoded(Array(text.utf8)[...]) : Array(text.utf8)
    // Anybody can sign with an empty secret.
    guard let bytes, !bytes.isEmpty else { return .missing }
    return .key(.secret(SymmetricKey(data: bytes)))
  }

  private static func publicKey(_ text: String) -> Lookup {
    PublicKey(pem: text).map { .key(.publicKey($0)) } ?? .unreadable
  }
}
