// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Testing

@Suite struct IdentityTests {
  private let certificates: TestCertificates
  init() throws { self.certificates = try TestCertificates.shared.get() }

  private func error(_ certificate: String, _ key: String) -> TLSError? {
    do throws(TLSError) {
      _ = try TLSIdentity([TLSKeyPair(certificate: certificate, key: key)])
      return nil
    } catch {
      return error
    }
  }

  @Test func textsThatAreWrong() throws {
    let one = self.certificates.ecdsa
    let other = self.certificates.rsa
    #expect(self.error("", one.key)?.kind == .noCertificate)
    #expect(self.error("nothing of use", one.key)?.kind == .noCertificate)
    #expect(self.error(one.key, one.key)?.kind == .noCertificate)
    #expect(self.error(one.certificate, "")?.kind == .noKey)
    #expect(self.error(one.certificate, one.certificate)?.kind == .noKey)
    #expect(self.error(one.certificate, other.key)?.kind == .keyMismatch)
    let cut = String(decoding: one.certificate.utf8.prefix(200), as: UTF8.self)
    #expect(self.error(cut, one.key)?.kind == .brokenCertificate)
    #expect(self.error(one.certificate + cut, one.key)?.kind == .brokenCertificate)
    let cutKey = String(decoding: one.key.utf8.prefix(60), as: UTF8.self)
    #expect(self.error(one.certificate, cutKey)?.kind == .brokenKey)
    #expect(self.error(one.certificate, Self.encrypted)?.kind == .encryptedKey)
    #expect(throws: TLSError.self) { try TLSIdentity([]) }
    #expect(throws: TLSError.self) { try TLSIdentity([one.pair, self.certificates.client.pair]) }
  }

  @Test func chains() throws {
    let leaf = try self.certificates.leaf(signer: self.certificates.intermediate)
    let middle = self.certificates.intermediate.certificate
    let root = self.certificates.authority.certificate
    #expect(self.error(leaf.certificate + middle + root, leaf.key) == nil)
    #expect(self.error(leaf.certificate + root + middle, leaf.key)?.kind == .chainOrder)
    #expect(self.error(middle + leaf.certificate, leaf.key)?.kind == .leafNotFirst)
    let disordered = TLSKeyPair(certificate: leaf.certificate + root + middle, key: leaf.key)
    _ = try TLSIdentity([disordered], checksChain: false)
    let good = try TLSIdentity([TLSKeyPair(certificate: leaf.certificate + middle, key: leaf.key)])
    #expect(good.issuer(of: 0)?.commonName == "Middle CA")
    #expect(good.issuer(of: 1) == nil)
  }

  @Test func facts() throws {
    let identity = try TLSIdentity([self.certificates.ecdsa.pair, self.certificates.rsa.pair])
    #expect(identity.certificates.map(\.keyType) == ["EC", "RSA"])
    #expect(identity.certificates.first?.alternativeNames == ["example.com", "*.example.com", "127.0.0.1"])
    #expect(identity.certificates.first?.subject == "CN=example.com,O=Tests")
    #expect(identity.validTo == self.certificates.now + 365 * 86_400)
    #expect(identity.validFrom == self.certificates.now - 60)
  }

  @Test func derWorksToo() throws {
    let certificate = try TLSCertificate(Array(self.certificates.ecdsa.certificate.utf8))
    let key = Array(self.certificates.ecdsa.key.utf8)
    _ = try TLSIdentity([TLSKeyPair(certificate: certificate.der, key: key)])
  }

  @Test func theDefaultCertificate() throws {
    for type in [SelfSignedCertificate.KeyType.rsa, .ecdsa] {
      let made = try SelfSignedCertificate.prepared(type, now: self.certificates.now)
      let identity = try TLSIdentity([made.pair])
      let certificate = try #require(identity.certificates.first)
      #expect(certificate.commonName == "localhost")
      #expect(certificate.alternativeNames == ["localhost"])
      #expect(certificate.subject == certificate.issuer)
      #expect(certificate.validTo - certificate.validFrom == 20 * 365 * 86_400)
      #expect(try SelfSignedCertificate.prepared(type, now: 0) != made)
    }
    #expect(throws: TLSError.self) {
      try SelfSignedCertificate(names: [], keyType: .ecdsa, validFrom: 0, validTo: 1)
    }
  }

  @Test func authoritiesThatAreNone() throws {
    #expect(throws: TLSError.self) { try TLSTrust(certificates: [Array("no".utf8)]) }
    #expect(throws: TLSError.self) { try TLSTrust(files: ["/nowhere/ca.crt"]) }
    #expect(throws: TLSError.self) { try TLSClientContext(Self.withoutProtocols) }
  }

  private static var withoutProtocols: TLSClientSettings {
    var settings = TLSClientSettings()
    settings.protocols = []
    return settings
  }

  /// The beginning of an encrypted key is enough to see that it is one.
  private static let encrypted = """
    -----BEGIN EC PRIVATE KEY-----
    Proc-Type: 4,ENCRYPTED
    DEK-Info: AES-256-CBC,0102030405060708090A0B0C0D0E0F10

    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    -----END EC PRIVATE KEY-----
    """
}
