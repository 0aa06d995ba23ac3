// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import Foundation
internal import GibbonSchema
internal import SwiftASN1
internal import X509

/// Certificates and keys as they stand in entities: PEM, read to know whether they fit each other.
enum CertificateText {
  /// The first certificate of a text, or what is wrong with it.
  static func certificate(_ pem: String) -> Result<X509.Certificate, CertificateFault> {
    guard let first = Self.blocks(pem, limit: 1).first.flatMap({ $0 }) else {
      return .failure(CertificateFault("invalid certificate: cannot be read as X.509"))
    }
    return .success(first)
  }

  static func privateKey(_ pem: String) -> Result<X509.Certificate.PrivateKey, CertificateFault> {
    // As a label, and in the headers of older texts.
    guard pem.utf8.firstRange(of: "ENCRYPTED".utf8) == nil else {
      return .failure(
        CertificateFault(
          "invalid key: it is encrypted, and its password cannot be given; write it without one with "
            + "'openssl pkey -in FILE -out FILE'"))
    }
    do {
      return .success(try X509.Certificate.PrivateKey(pemEncoded: pem))
    } catch {
      return .failure(CertificateFault("invalid key: cannot be read as an RSA, EC or Ed25519 key"))
    }
  }

  /// A longer chain is read no further.
  private static let longestChain = 32

  /// The certificates of a text in turn; nil for one that cannot be read.
  static func chain(_ pem: String) -> [X509.Certificate?] { Self.blocks(pem, limit: Self.longestChain) }

  private static func blocks(_ pem: String, limit: Int) -> [X509.Certificate?] {
    var certificates: [X509.Certificate?] = []
    var rest = Substring(pem).utf8
    while certificates.count < limit, let begin = rest.firstRange(of: "-----BEGIN ".utf8),
      let end = rest[begin.upperBound...].firstRange(of: "-----END ".utf8),
      let last = rest[end.upperBound...].firstRange(of: "-----".utf8)
    {
      let block = String(rest[begin.lowerBound..<last.upperBound]) ?? ""
      certificates.append(try? X509.Certificate(pemEncoded: block + "\n"))
      rest = rest[last.upperBound...]
    }
    return certificates
  }

  /// RSA, EC or EdDSA: of a pair of certificates each has another.
  static func kind(of certificate: X509.Certificate) -> String {
    let text = "\(certificate.publicKey)"
    return text.hasPrefix("RSA") ? "RSA" : text.hasPrefix("P") ? "EC" : "EdDSA"
  }

  static func isAuthority(_ certificate: X509.Certificate) -> Bool {
    guard let constraints = try? certificate.extensions.basicConstraints else { return false }
    if case .isCertificateAuthority = constraints { return true }
    return false
  }

  static func isExpired(_ certificate: X509.Certificate) -> Bool { certificate.notValidAfter < Date() }
}

struct CertificateFault: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// The rules across a certificate's fields.
enum CertificateChecks {
  /// Certificate and key belong together, and of two pairs each has another kind of key.
  static let pairs = CustomCheck("certificate_pairs", fields: ["cert", "key", "cert_alt", "key_alt"]) { object in
    var violations: [CheckViolation] = []
    let first = Self.pair(object, "cert", "key", "certificate does not match key", &violations)
    let second = Self.pair(
      object, "cert_alt", "key_alt", "alternative certificate does not match key", &violations)
    // A half pair is another check's business.
    if let first, let second, object["key_alt"]?.isEmpty == false,
      CertificateText.kind(of: first) == CertificateText.kind(of: second)
    {
      violations.append(
        CheckViolation(
          "certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), "
            + "the provided certificates were both of the same type"))
    }
    return violations
  }

  private static func pair(
    _ object: JSONObject, _ certField: String, _ keyField: String, _ mismatch: String,
    _ violations: inout [CheckViolation]
  ) -> X509.Certificate? {
    let certificate = Self.text(object, certField).map(CertificateText.certificate)
    let key = Self.text(object, keyField).map(CertificateText.privateKey)
    if case .failure(let fault)? = certificate { violations.append(CheckViolation(fault.message, at: [certField])) }
    if case .failure(let fault)? = key { violations.append(CheckViolation(fault.message, at: [keyField])) }
    guard case .success(let certificate)? = certificate else { return nil }
    if case .success(let key)? = key, certificate.publicKey != key.publicKey {
      violations.append(CheckViolation(mismatch + Self.hint(object, certField, key)))
    }
    return certificate
  }

  /// What to do where the key is that of another certificate of the text.
  private static func hint(
    _ object: JSONObject, _ field: String, _ key: X509.Certificate.PrivateKey
  ) -> String {
    let chain = Self.text(object, field).map(CertificateText.chain) ?? []
    guard let place = chain.firstIndex(where: { $0?.publicKey == key.publicKey }) else { return "" }
    return ": the key is that of certificate \(place + 1) in '\(field)'; write that first, and behind it the one that "
      + "signed it"
  }

  /// The field's text, unless it is in a vault: then nothing is known of it.
  private static func text(_ object: JSONObject, _ field: String) -> String? {
    object[field]?.stringValue.flatMap { $0.isVaultReference ? nil : $0 }
  }

  /// An authority's certificate is valid and says that it is one.
  static let authority = CustomCheck("certificate_authority", fields: ["cert"]) { object in
    guard let text = object["cert"]?.stringValue, PEMText.labels(in: text)?.count == 1 else { return [] }
    switch CertificateText.certificate(text) {
    case .failure(let fault): return [CheckViolation(fault.message, at: ["cert"])]
    case .success(let certificate):
      if CertificateText.isExpired(certificate) {
        return [CheckViolation("certificate expired, \"Not After\" time is in the past")]
      }
      if !CertificateText.isAuthority(certificate) {
        return [
          CheckViolation("certificate does not appear to be a CA because it is missing the \"CA\" basic constraint")
        ]
      }
      return []
    }
  }
}
