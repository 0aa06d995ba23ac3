// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

@Suite struct CertificatesTests {
  private static let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGH\n-----END ENCRYPTED PRIVATE KEY-----"
  private static let oldEncrypted = """
    -----BEGIN EC PRIVATE KEY-----
    Proc-Type: 4,ENCRYPTED
    DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF

    MIGH
    -----END EC PRIVATE KEY-----
    """

  @Test(arguments: [encrypted, oldEncrypted])
  func anEncryptedKeyIsRefused(key: String) {
    let found = outcome("certificates", ["cert": .string(TestPEM.authority), "key": .string(key)])
    #expect(found.contains("key: invalid key: it is encrypted"), "\(found)")
  }

  @Test func aKeyOfAnotherCertificateOfTheChainIsToldAs() {
    let chain = TestPEM.rsa + "\n" + TestPEM.authority + "\n"
    let found = outcome("certificates", ["cert": .string(chain), "key": .string(TestPEM.key)])
    #expect(
      found.contains("certificate does not match key: the key is that of certificate 2 in 'cert'; write that first"),
      "\(found)")
    let other = outcome("certificates", ["cert": .string(chain), "key": .string(TestPEM.otherKey)])
    #expect(other.contains("certificate does not match key") && !other.contains("the key is that of"), "\(other)")
  }

  // MARK: Warnings

  private static func warnings(_ cert: String, now: Double = 1_764_547_200) -> [String] {
    CertificateWarnings.about(["id": someID, "cert": .string(cert)], in: "certificates", now: now)
  }

  @Test func aRightCertificateIsNotWarnedOf() {
    #expect(Self.warnings(TestPEM.authority).isEmpty)
    #expect(Self.warnings("{vault://env/cert}").isEmpty)
    #expect(CertificateWarnings.about(["cert": .string(TestPEM.expired)], in: "services", now: 2e9).isEmpty)
  }

  @Test func timesAreWarnedOf() {
    let expired = Self.warnings(TestPEM.expired)
    #expect(expired.count == 1 && expired.first?.contains("'cert': certificate 1 expired at 2021-01-01") == true)
    let early = Self.warnings(TestPEM.expired, now: 1_000_000_000)
    #expect(early.count == 1 && early.first?.contains("is not valid before 2020-01-01") == true)
  }

  @Test func aChainInTheWrongOrderIsWarnedOf() {
    let found = Self.warnings(TestPEM.leaf + "\n" + TestPEM.authority)
    #expect(
      found.count == 1 && found.first?.contains("certificate 2 is not the one that signed certificate 1") == true,
      "\(found)")
    // A certificate that signed itself may stand twice.
    #expect(Self.warnings(TestPEM.authority + "\n" + TestPEM.authority).isEmpty)
  }

  @Test func whatCannotBeReadBehindTheFirstIsWarnedOf() {
    let broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    let found = Self.warnings(TestPEM.authority + "\n" + broken)
    #expect(found.count == 1 && found.first?.contains("certificate 2 cannot be read as X.509") == true, "\(found)")
  }

  @Test func aLongChainIsReadNoFurtherThanItMayBe() {
    let chain = Array(repeating: TestPEM.leaf, count: 200).joined(separator: "\n")
    #expect(Self.warnings(chain).isEmpty)
    #expect(Self.warnings(String(repeating: "-----BEGIN ", count: 10_000)).isEmpty)
  }
}
