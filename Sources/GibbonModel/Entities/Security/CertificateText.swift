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
    do {
      return .success(try X509.Certificate(pemEncoded: Self.firstBlock(pem)))
    } catch {
      return .failure(CertificateFault("invalid certificate: cannot be read as X.509"))
    }
  }

  static func privateKey(_ pem: String) -> Result<X509.Certificate.PrivateKey, CertificateFault> {
    do {
      return .success(try X509.Certificate.PrivateKey(pemEncoded: pem))
    } catch {
      return .failure(CertificateFault("invalid key: cannot be read as an RSA, EC or Ed25519 key"))
    }
  }

  /// A chain has the certificate itself first.
  private static func firstBlock(_ pem: String) -> String {
    let end = "-----END CERTIFICATE-----"
    guard let range = pem.firstRange(of: end) else { return pem }
    return String(pem[..<range.upperBound]) + "\n"
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
      violations.append(CheckViolation(mismatch))
    }
    return certificate
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
