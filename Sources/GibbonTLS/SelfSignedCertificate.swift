// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// A new key with a certificate for it, as PEM texts. No command is run.
public struct SelfSignedCertificate: Sendable, Hashable {
  public enum KeyType: Sendable, Hashable {
    /// 2048 bits.
    case rsa
    /// P-256.
    case ecdsa
  }

  public let certificate: String
  public let key: String

  public var pair: TLSKeyPair { TLSKeyPair(certificate: self.certificate, key: self.key) }

  /// What Kong makes when it prepares its prefix, valid for 20 years: `CN=localhost`.
  public static func prepared(_ keyType: KeyType, now: Int64) throws(TLSError) -> SelfSignedCertificate {
    try SelfSignedCertificate(
      names: ["localhost"], keyType: keyType, organization: "Gibbon", validFrom: now,
      validTo: now + 20 * 365 * 86_400)
  }

  /// - Parameters:
  ///   - names: DNS names and addresses; the first is the common name too.
  ///   - validFrom: seconds since 1970.
  ///   - isAuthority: a certificate that may sign others, and is for no name.
  ///   - signer: who signs instead of the key itself.
  public init(
    names: [String], keyType: KeyType, organization: String? = nil, validFrom: Int64, validTo: Int64,
    isAuthority: Bool = false, signer: SelfSignedCertificate? = nil
  ) throws(TLSError) {
    guard let first = names.first, !first.utf8.isEmpty, names.allSatisfy({ !$0.utf8.contains(0) }) else {
      throw TLSError(.setting, "a certificate needs a name")
    }
    var certificate = unsafe gibbon_tls_bytes()
    var key = unsafe gibbon_tls_bytes()
    let texts = names.map { Array($0.utf8CString) }
    let owner = (organization ?? "").utf8CString
    let signers = (Array((signer?.certificate ?? "").utf8), Array((signer?.key ?? "").utf8))
    // Safety: all pointers of the request are lent by arrays that outlive the call, with their own counts.
    let isMade = unsafe Self.lend(texts, []) { pointers in
      unsafe pointers.withUnsafeBufferPointer { list in
        unsafe owner.withUnsafeBufferPointer { owner in
          unsafe CBytes.lend(signers.0) { signerText, signerCount in
            unsafe CBytes.lend(signers.1) { keyText, keyCount in
              var request = unsafe gibbon_tls_request()
              unsafe request.names = list.baseAddress
              unsafe request.name_count = list.count
              unsafe request.organization = organization == nil ? nil : owner.baseAddress
              unsafe request.is_ecdsa = keyType == .ecdsa ? 1 : 0
              unsafe request.is_authority = isAuthority ? 1 : 0
              unsafe request.not_before = validFrom
              unsafe request.not_after = validTo
              unsafe request.signer_certificate = signerText
              unsafe request.signer_certificate_count = signerCount
              unsafe request.signer_key = keyText
              unsafe request.signer_key_count = keyCount
              return unsafe gibbon_tls_generate(&request, &certificate, &key)
            }
          }
        }
      }
    }
    // Safety: the C side gave both away.
    self.certificate = unsafe CBytes.text(certificate)
    self.key = unsafe CBytes.text(key)
    guard isMade == 1 else { throw TLSError(.system, "no certificate could be made for \(first)") }
  }

  /// Calls with pointers to all of the texts, which end with a zero byte.
  private static func lend(
    _ texts: [[CChar]], at index: Int = 0, _ pointers: [UnsafePointer<CChar>?],
    _ body: ([UnsafePointer<CChar>?]) -> Int32
  ) -> Int32 {
    if index == texts.count { return unsafe body(pointers) }
    // Safety: each pointer is used within the closure that lends it, since the call nests.
    return unsafe texts[index].withUnsafeBufferPointer { text in
      unsafe Self.lend(texts, at: index + 1, pointers + [text.baseAddress], body)
    }
  }
}
