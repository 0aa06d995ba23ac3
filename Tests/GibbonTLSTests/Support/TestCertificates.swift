// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc

/// Certificates that the tests share: made once, by the code under test.
struct TestCertificates {
  static let shared = Result { try TestCertificates() }

  let now: Int64
  let authority: SelfSignedCertificate
  let otherAuthority: SelfSignedCertificate
  let intermediate: SelfSignedCertificate
  let ecdsa: SelfSignedCertificate
  let rsa: SelfSignedCertificate
  let client: SelfSignedCertificate

  private init() throws {
    let now = Int64(time(nil))
    let year = now + 365 * 86_400
    self.now = now
    self.authority = try SelfSignedCertificate(
      names: ["Test CA"], keyType: .ecdsa, validFrom: now - 60, validTo: year, isAuthority: true)
    self.otherAuthority = try SelfSignedCertificate(
      names: ["Other CA"], keyType: .ecdsa, validFrom: now - 60, validTo: year, isAuthority: true)
    self.intermediate = try SelfSignedCertificate(
      names: ["Middle CA"], keyType: .ecdsa, validFrom: now - 60, validTo: year, isAuthority: true,
      signer: self.authority)
    self.ecdsa = try SelfSignedCertificate(
      names: ["example.com", "*.example.com", "127.0.0.1"], keyType: .ecdsa, organization: "Tests", validFrom: now - 60,
      validTo: year, signer: self.authority)
    self.rsa = try SelfSignedCertificate(
      names: ["example.com"], keyType: .rsa, validFrom: now - 60, validTo: year, signer: self.authority)
    self.client = try SelfSignedCertificate(
      names: ["a client"], keyType: .ecdsa, organization: "Clients, Inc.", validFrom: now - 60, validTo: year,
      signer: self.authority)
  }

  /// One for `example.com`, valid between these two.
  func leaf(
    _ names: [String] = ["example.com"], from: Int64? = nil, to: Int64? = nil, signer: SelfSignedCertificate? = nil
  ) throws -> SelfSignedCertificate {
    try SelfSignedCertificate(
      names: names, keyType: .ecdsa, validFrom: from ?? self.now - 60, validTo: to ?? self.now + 86_400,
      signer: signer)
  }

  /// A server that shows one certificate, and a client that verifies nothing.
  func contexts() throws -> (TLSServerContext, TLSClientContext) {
    let server = try TLSServerContext(
      TLSServerSettings(), tickets: TLSTicketKeys(now: 0),
      chooser: FixedChoice(.identity(TLSIdentity([self.ecdsa.pair]))))
    return (server, try TLSClientContext(TLSClientSettings()))
  }

  func trust(_ authorities: SelfSignedCertificate...) throws -> TLSTrust {
    try TLSTrust(certificates: authorities.map { Array($0.certificate.utf8) })
  }
}

/// Answers every name with one choice.
struct FixedChoice: TLSCertificateChooser {
  let choice: TLSChoice
  init(_ choice: TLSChoice) { self.choice = choice }
  func choose(_ hello: TLSHello) -> TLSChoice { self.choice }
}

/// Answers by name.
struct ByName: TLSCertificateChooser {
  let choices: [String: TLSChoice]
  var otherwise: TLSChoice = .none
  func choose(_ hello: TLSHello) -> TLSChoice { hello.serverName.flatMap { self.choices[$0] } ?? self.otherwise }
}
