// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc
import Testing

@Suite struct ClientCertificateTests {
  private let certificates: TestCertificates
  init() throws { self.certificates = try TestCertificates.shared.get() }

  private func context(
    _ mode: TLSClientAuthority.Mode, depth: Int = 1, tickets: TLSTicketKeys? = nil
  ) throws -> TLSServerContext {
    let authority = try TLSClientAuthority(
      self.certificates.trust(self.certificates.authority), mode: mode, depth: depth)
    let choice = try TLSChoice.identity(TLSIdentity([self.certificates.ecdsa.pair]), client: authority)
    return try TLSServerContext(
      TLSServerSettings(), tickets: tickets ?? TLSTicketKeys(now: 0), chooser: FixedChoice(choice))
  }

  private func client(_ shown: SelfSignedCertificate?, _ protocols: TLSProtocols) throws -> TLSClientContext {
    var settings = TLSClientSettings()
    settings.protocols = protocols
    settings.identity = try shown.map { try TLSIdentity([$0.pair]) }
    return try TLSClientContext(settings)
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func oneThatIsGood(protocols: TLSProtocols) throws {
    let server = try self.context(.required)
    let client = try self.client(self.certificates.client, protocols)
    for isSecond in [false, true] {
      let pair = try #require(TLSPair(server, client))
      #expect(pair.shake())
      #expect(pair.carry([1], from: pair.server, to: pair.client) == [1])
      #expect(pair.server.isResumed == isSecond)
      #expect(pair.server.clientVerification == "SUCCESS")
      #expect(pair.server.clientRefusal == nil)
      let shown = try #require(pair.server.peerCertificate)
      #expect(shown.subject == #"CN=a client,O=Clients\, Inc."#)
      #expect(shown.issuer == "CN=Test CA")
      #expect(shown.pem == self.certificates.client.certificate)
      #expect(pair.server.peerChainPEM == self.certificates.client.certificate)
      #expect(shown.fingerprint.utf8.count == 40)
      #expect(shown.serial.utf8.count == 32)
      #expect(shown.validTo == self.certificates.now + 365 * 86_400)
      #expect(shown.remainingDays(now: self.certificates.now) == 365)
      #expect(shown.validToText.hasSuffix(" GMT"))
      #expect(try TLSCertificate(shown.der).subject == shown.subject)
    }
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func noneAtAll(protocols: TLSProtocols) throws {
    for (mode, refusal) in [
      (TLSClientAuthority.Mode.required, TLSSession.ClientRefusal.noCertificate), (.optional, nil),
      (.optionalWithoutAuthority, nil), (.none, nil),
    ] as [(TLSClientAuthority.Mode, TLSSession.ClientRefusal?)] {
      let pair = try #require(TLSPair(self.context(mode), self.client(nil, protocols)))
      #expect(pair.shake())
      #expect(pair.server.clientVerification == "NONE")
      #expect(pair.server.clientRefusal == refusal)
    }
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func oneOfAnotherAuthority(protocols: TLSProtocols) throws {
    let stranger = try self.certificates.leaf(["stranger"], signer: self.certificates.otherAuthority)
    for mode in [TLSClientAuthority.Mode.required, .optional] {
      let pair = try #require(TLSPair(self.context(mode), self.client(stranger, protocols)))
      #expect(pair.shake())
      #expect(pair.server.clientVerification.utf8.starts(with: "FAILED:unable to ".utf8))
      guard case .certificateError = pair.server.clientRefusal else {
        Issue.record("not refused: \(String(describing: pair.server.clientRefusal))")
        continue
      }
    }
    let lenient = try #require(TLSPair(self.context(.optionalWithoutAuthority), self.client(stranger, protocols)))
    #expect(lenient.shake())
    #expect(lenient.server.clientRefusal == nil)
    #expect(lenient.server.clientVerification.utf8.starts(with: "FAILED:".utf8))
    let now = self.certificates.now
    let old = try self.certificates.leaf(
      ["old"], from: now - 500, to: now - 100, signer: self.certificates.authority)
    let expired = try #require(TLSPair(self.context(.optionalWithoutAuthority), self.client(old, protocols)))
    #expect(expired.shake())
    #expect(expired.server.clientRefusal == .certificateError("certificate has expired"))
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func aVerdictIsRememberedWithTheSession(protocols: TLSProtocols) throws {
    let stranger = try self.certificates.leaf(["stranger"], signer: self.certificates.otherAuthority)
    let server = try self.context(.required)
    let client = try self.client(stranger, protocols)
    for _ in 0..<2 {
      let pair = try #require(TLSPair(server, client))
      #expect(pair.shake())
      _ = pair.carry([1], from: pair.server, to: pair.client)
      #expect(pair.server.clientRefusal != nil)
    }
  }

  /// A session made where nobody asks for a certificate must not open the door where somebody does.
  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func sessionsDoNotCrossRules(protocols: TLSProtocols) throws {
    let tickets = try TLSTicketKeys(now: 0)
    let client = try self.client(nil, protocols)
    let open = try #require(TLSPair(self.context(.none, tickets: tickets), client))
    #expect(open.shake())
    _ = open.carry([1], from: open.server, to: open.client)
    let closed = try #require(TLSPair(self.context(.required, tickets: tickets), client))
    #expect(closed.shake())
    #expect(!closed.server.isResumed)
    #expect(closed.server.clientRefusal == .noCertificate)
  }
}
