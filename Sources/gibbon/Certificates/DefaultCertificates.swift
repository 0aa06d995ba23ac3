// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import GibbonTLS
internal import Glibc

/// The certificates that a gateway shows where nobody gave it others: self-signed, made once, kept in the prefix under
/// the names that Kong gives them.
struct DefaultCertificates {
  /// Whom they are shown to.
  enum Side: String, CaseIterable {
    case proxy = ""
    case admin = "admin-"
    case status = "status-"
  }

  /// `PREFIX/ssl`, which is there.
  let folder: String

  init(prefix: String) {
    self.folder = prefix + "/ssl"
  }

  /// One with an RSA key, which every client takes, and one with an ECDSA key, which is faster.
  private static let kinds: [(kind: SelfSignedCertificate.KeyType, suffix: String)] = [(.rsa, ""), (.ecdsa, "-ecdsa")]

  /// The certificates of a side; those that are not there yet are made.
  ///
  /// - Throws: `Failure` naming the file.
  /// - Parameter makesFiles: whether they are made; who only looks at a configuration leaves no files behind.
  func pairs(_ side: Side, makesFiles: Bool) throws -> [CertificatePair] {
    try Self.kinds.compactMap { kind, suffix in
      let name = "\(self.folder)/\(side.rawValue)kong-default\(suffix)"
      if let kept = try self.kept(name) { return kept }
      return makesFiles ? try self.made(name, kind) : nil
    }
  }

  /// nil where a file is missing: then the other one is of no use either.
  private func kept(_ name: String) throws -> CertificatePair? {
    guard let certificate = try self.read(name + ".crt"), let key = try self.read(name + ".key") else { return nil }
    let pair = CertificatePair(certificate: certificate, key: key, name: name + ".crt")
    do {
      _ = try TLSIdentity([TLSKeyPair(certificate: certificate, key: key)])
      return pair
    } catch {
      throw Failure(
        "\(name).crt and \(name).key cannot be used: \(error)",
        advice: "Delete both, and new ones are made at the next start; or give your own with ssl_cert and ssl_cert_key."
      )
    }
  }

  private func read(_ path: String) throws -> String? {
    do throws(GuardedFileError) {
      return String(decoding: try GuardedFile.read(path), as: UTF8.self)
    } catch {
      if error.code == ENOENT { return nil }
      throw Failure("the gateway's own certificate cannot be read: \(error)")
    }
  }

  /// The key is written first: a certificate that is there has one.
  private func made(_ name: String, _ kind: SelfSignedCertificate.KeyType) throws -> CertificatePair {
    do {
      let made = try SelfSignedCertificate.prepared(kind, now: Int64(time(nil)))
      try GuardedFile.replace(name + ".key", with: Array(made.key.utf8))
      try GuardedFile.replace(name + ".crt", with: Array(made.certificate.utf8))
      return CertificatePair(certificate: made.certificate, key: made.key, name: name + ".crt")
    } catch {
      throw Failure(
        "the gateway's own certificate \(name).crt cannot be made: \(error)",
        advice: "Let this user write to \(self.folder), or give a certificate with ssl_cert and ssl_cert_key.")
    }
  }
}
