// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc
import Testing

@Suite struct VerificationTests {
  private let certificates: TestCertificates
  init() throws { self.certificates = try TestCertificates.shared.get() }

  /// What a client says of a server with this certificate.
  private func verdict(
    _ server: TLSKeyPair, verified: String? = "example.com", trust: TLSTrust? = nil, depth: Int = 1,
    protocols: TLSProtocols = .current
  ) throws -> String? {
    let context = try TLSServerContext(
      TLSServerSettings(), tickets: TLSTicketKeys(now: 0), chooser: FixedChoice(.identity(TLSIdentity([server]))))
    var settings = TLSClientSettings()
    settings.verifies = true
    settings.depth = depth
    settings.protocols = protocols
    settings.trust = try trust ?? self.certificates.trust(self.certificates.authority)
    let pair = try #require(TLSPair(context, TLSClientContext(settings), verified: verified))
    let isDone = pair.shake()
    #expect(isDone == (pair.client.failure == nil))
    if !isDone {
      #expect(pair.server.isReady || pair.server.failure?.contains("alert") == true)
    }
    return pair.client.failure
  }

  @Test func namesAndAddresses() throws {
    let pair = self.certificates.ecdsa.pair
    for name in ["example.com", "www.example.com", "127.0.0.1", nil] {
      #expect(try self.verdict(pair, verified: name) == nil)
    }
    #expect(try self.verdict(pair, verified: "a.b.example.com")?.contains("it is for another name") == true)
    #expect(try self.verdict(pair, verified: "other.test")?.contains("it is for another name") == true)
    #expect(try self.verdict(pair, verified: "127.0.0.2")?.contains("it is for another address") == true)
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func authorities(protocols: TLSProtocols) throws {
    let other = try self.certificates.trust(self.certificates.otherAuthority)
    let unknown = try self.verdict(self.certificates.ecdsa.pair, trust: other, protocols: protocols)
    #expect(unknown?.contains("its issuer (CN=Test CA) is neither among the trusted authorities") == true)
    let own = try self.verdict(self.certificates.leaf().pair, protocols: protocols)
    #expect(own?.contains("signed by itself") == true)
    let chain = self.certificates.ecdsa.certificate + self.certificates.authority.certificate
    let whole = try self.verdict(
      TLSKeyPair(certificate: chain, key: self.certificates.ecdsa.key), trust: other, protocols: protocols)
    #expect(whole?.contains("the authority at the end of its chain (CN=Test CA)") == true)
  }

  @Test func intermediates() throws {
    let leaf = try self.certificates.leaf(signer: self.certificates.intermediate)
    #expect(try self.verdict(leaf.pair)?.contains("CN=Middle CA") == true)
    let chain = TLSKeyPair(certificate: leaf.certificate + self.certificates.intermediate.certificate, key: leaf.key)
    #expect(try self.verdict(chain) == nil)
    #expect(try self.verdict(chain, depth: 0)?.contains("longer than allowed") == true)
  }

  @Test func times() throws {
    let now = self.certificates.now
    let authority = self.certificates.authority
    let old = try self.certificates.leaf(from: now - 1_000, to: now - 500, signer: authority)
    #expect(try self.verdict(old.pair)?.contains("has expired") == true)
    let early = try self.certificates.leaf(from: now + 5_000, to: now + 10_000, signer: authority)
    #expect(try self.verdict(early.pair)?.contains("is not valid yet") == true)
  }

  @Test func withoutVerificationAnythingPasses() throws {
    let context = try TLSServerContext(
      TLSServerSettings(), tickets: nil, chooser: FixedChoice(.identity(TLSIdentity([self.certificates.leaf().pair]))))
    let pair = try #require(TLSPair(context, TLSClientContext(TLSClientSettings()), verified: "other.test"))
    #expect(pair.shake())
  }
}
