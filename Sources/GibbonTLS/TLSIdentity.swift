// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// A certificate chain and its key, as PEM or DER texts; the certificate of the host comes first in its chain.
public struct TLSKeyPair: Sendable, Hashable {
  public let certificate: [UInt8]
  public let key: [UInt8]

  public init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }

  public init(certificate: String, key: String) {
    self.init(certificate: Array(certificate.utf8), key: Array(key.utf8))
  }
}

/// Who one side is: certificate chains with their keys, at most one of each type of key.
///
/// It has no context of OpenSSL's, so that there can be many: a handshake applies it to its session.
// Safety: nothing is written after the initializer, and OpenSSL counts the references of what it holds atomically.
@safe
public final class TLSIdentity: @unchecked Sendable {
  let handle: OpaquePointer

  /// The certificates of the host itself, in the order given.
  public let certificates: [TLSCertificate]

  /// - Parameter checksChain: refuse a chain of which one certificate did not sign the one before it.
  public init(_ pairs: [TLSKeyPair], checksChain: Bool = true) throws(TLSError) {
    guard let handle = unsafe gibbon_tls_identity_new() else { throw TLSError(.system, "out of memory") }
    for (index, pair) in pairs.enumerated() {
      // Safety: the C side reads the texts within the call.
      let error = unsafe CBytes.lend(pair.certificate) { certificate, certificateCount in
        unsafe CBytes.lend(pair.key) { key, keyCount in
          unsafe gibbon_tls_identity_add(handle, certificate, certificateCount, key, keyCount, checksChain ? 1 : 0)
        }
      }
      guard error == 0 else {
        // Safety: nobody else has it.
        unsafe gibbon_tls_identity_free(handle)
        throw Self.error(UInt32(bitPattern: error), pair: index)
      }
    }
    guard !pairs.isEmpty else {
      // Safety: nobody else has it.
      unsafe gibbon_tls_identity_free(handle)
      throw TLSError(.noCertificate, "there is no certificate")
    }
    unsafe self.handle = unsafe handle
    // Safety: each call gives a reference of its own.
    self.certificates = pairs.indices.compactMap { index -> TLSCertificate? in
      let certificate = unsafe gibbon_tls_identity_certificate(handle, index)
      guard let certificate = unsafe certificate else { return nil }
      return unsafe TLSCertificate(handle: certificate)
    }
  }

  deinit {
    // Safety: this object is the only owner; sessions hold references to the parts.
    unsafe gibbon_tls_identity_free(self.handle)
  }

  /// The first instant at which one of the certificates is over, in seconds since 1970.
  public var validTo: Int64 { self.certificates.map(\.validTo).min() ?? 0 }
  public var validFrom: Int64 { self.certificates.map(\.validFrom).max() ?? 0 }

  /// The certificate that signed the one at `index`, when the chain has it.
  public func issuer(of index: Int) -> TLSCertificate? {
    guard self.certificates.indices.contains(index) else { return nil }
    // Safety: the call gives a reference of its own.
    guard let issuer = unsafe gibbon_tls_identity_issuer(self.handle, index) else { return nil }
    return unsafe TLSCertificate(handle: issuer)
  }

  private static func error(_ code: UInt32, pair: Int) -> TLSError {
    let (kind, message): (TLSError.Kind, String) =
      switch code {
      case GIBBON_TLS_NO_CERTIFICATE.rawValue: (.noCertificate, "there is no certificate in the text")
      case GIBBON_TLS_BROKEN_CERTIFICATE.rawValue: (.brokenCertificate, "a certificate in the text cannot be read")
      case GIBBON_TLS_NO_KEY.rawValue: (.noKey, "there is no private key in the text")
      case GIBBON_TLS_BROKEN_KEY.rawValue: (.brokenKey, "the private key cannot be read")
      case GIBBON_TLS_ENCRYPTED_KEY.rawValue:
        (.encryptedKey, "the private key is encrypted with a password; give it without one")
      case GIBBON_TLS_KEY_MISMATCH.rawValue: (.keyMismatch, "the private key does not belong to the certificate")
      case GIBBON_TLS_LEAF_NOT_FIRST.rawValue:
        (.leafNotFirst, "the chain is in the wrong order: the certificate of the private key must come first")
      case GIBBON_TLS_CHAIN_ORDER.rawValue:
        (.chainOrder, "the chain is in the wrong order: each certificate must be followed by the one that signed it")
      case GIBBON_TLS_UNSUPPORTED_KEY.rawValue: (.unsupportedKey, "only RSA, ECDSA and EdDSA keys are supported")
      case GIBBON_TLS_SAME_KEY_TYPE.rawValue:
        (.sameKeyType, "the certificates need to have keys of different types (e.g. RSA and ECDSA)")
      default: (.system, "the certificate could not be taken")
      }
    return TLSError(kind, message, pair: pair)
  }
}
