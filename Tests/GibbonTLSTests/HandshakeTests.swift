// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc
import Testing

@Suite struct HandshakeTests {
  private let certificates: TestCertificates
  init() throws { self.certificates = try TestCertificates.shared.get() }

  private func server(
    _ settings: TLSServerSettings = TLSServerSettings(), _ choice: TLSChoice? = nil
  ) throws -> TLSServerContext {
    let identity = try TLSIdentity([self.certificates.ecdsa.pair])
    return try TLSServerContext(
      settings, tickets: TLSTicketKeys(now: 0), chooser: FixedChoice(choice ?? .identity(identity)))
  }

  private func client(_ change: (inout TLSClientSettings) -> Void = { _ in }) throws -> TLSClientContext {
    var settings = TLSClientSettings()
    settings.verifies = true
    settings.trust = try self.certificates.trust(self.certificates.authority)
    change(&settings)
    return try TLSClientContext(settings)
  }

  @Test(arguments: [(TLSProtocols.v1_3, "TLSv1.3"), (.v1_2, "TLSv1.2"), (.v1_1, "TLSv1.1"), (.v1, "TLSv1")])
  func eachVersionAndItsFacts(protocols: TLSProtocols, text: String) throws {
    var settings = TLSServerSettings(suite: .old)
    settings.protocols = [.v1, .v1_1, .v1_2, .v1_3]
    let pair = try #require(TLSPair(self.server(settings), self.client { $0.protocols = protocols }))
    #expect(pair.shake(), "\(pair.client.failure ?? "") \(pair.server.failure ?? "")")
    #expect(pair.server.protocolVersion == text)
    #expect(pair.client.protocolVersion == text)
    #expect(pair.server.cipher == pair.client.cipher)
    #expect(pair.server.serverName == "example.com")
    #expect(pair.server.clientVerification == "NONE")
    #expect(!pair.server.isResumed)
    #expect(pair.client.peerCertificate?.commonName == "example.com")
    #expect(pair.carry(Array("GET /".utf8), from: pair.client, to: pair.server) == Array("GET /".utf8))
    #expect(pair.carry(Array("200".utf8), from: pair.server, to: pair.client) == Array("200".utf8))
  }

  @Test func oneByteAtATime() throws {
    let pair = try #require(TLSPair(self.server(), self.client(), piece: 1))
    #expect(pair.shake())
    let text = [UInt8](repeating: 7, count: 3_000)
    #expect(pair.carry(text, from: pair.client, to: pair.server) == text)
  }

  @Test func bytesThatWereReadBefore() throws {
    let sockets = try #require(SocketPair())
    let client = try #require(
      self.client().session(
        descriptor: sockets.near, serverName: "example.com", verifiedName: "example.com", address: ""))
    #expect(client.handshake() == .wantsRead)
    var bytes = [UInt8](repeating: 0, count: 100)
    #expect(Glibc.read(sockets.far, &bytes, 100) == 100)
    let server = try #require(self.server().session(descriptor: sockets.far, early: bytes))
    #expect(server.hasPending)
    var steps = (client: TLSSession.Step.wantsRead, server: TLSSession.Step.wantsRead)
    for _ in 0..<4 { steps = (client.handshake(), server.handshake()) }
    #expect(steps == (.done, .done))
  }

  @Test func applicationProtocols() throws {
    var settings = TLSServerSettings()
    settings.applicationProtocols = ["h2", "http/1.1"]
    let server = try self.server(settings)
    let both = try #require(TLSPair(server, self.client { $0.applicationProtocols = ["http/1.1", "h2"] }))
    #expect(both.shake())
    #expect(both.server.applicationProtocol == "h2")
    #expect(both.client.applicationProtocol == "h2")
    #expect(both.server.hello?.protocols == ["http/1.1", "h2"])
    let silent = try #require(TLSPair(server, self.client()))
    #expect(silent.shake())
    #expect(silent.server.applicationProtocol == nil)
    let strange = try #require(TLSPair(server, self.client { $0.applicationProtocols = ["spdy"] }))
    #expect(!strange.shake())
    #expect(strange.server.failure?.contains("ALPN") == true)
    #expect(strange.client.failure?.contains("application protocols") == true)
  }

  @Test func theChoiceMayHaveProtocolsOfItsOwn() throws {
    let identity = try TLSIdentity([self.certificates.ecdsa.pair])
    let server = try self.server(TLSServerSettings(), .identity(identity, protocols: ["acme-tls/1"]))
    let pair = try #require(TLSPair(server, self.client { $0.applicationProtocols = ["acme-tls/1"] }))
    #expect(pair.shake())
    #expect(pair.server.applicationProtocol == "acme-tls/1")
  }

  @Test func certificatesByName() throws {
    let other = try self.certificates.leaf(["other.test"], signer: self.certificates.authority)
    let chooser = try ByName(choices: [
      "example.com": .identity(TLSIdentity([self.certificates.ecdsa.pair])),
      "other.test": .identity(TLSIdentity([other.pair])),
    ])
    let server = try TLSServerContext(TLSServerSettings(), tickets: TLSTicketKeys(now: 0), chooser: chooser)
    for (sent, known) in [("example.com", "example.com"), ("OTHER.test.", "other.test")] {
      let pair = try #require(TLSPair(server, self.client(), name: sent, verified: known))
      #expect(pair.shake(), "\(pair.client.failure ?? "")")
      #expect(pair.server.serverName == known)
    }
    let unknown = try #require(TLSPair(server, self.client(), name: "nobody.test", verified: nil))
    #expect(!unknown.shake())
    #expect(unknown.server.failure == "there is no certificate for the name nobody.test")
    #expect(unknown.client.failure?.contains("no certificate for the name") == true)
    let nameless = try #require(TLSPair(server, self.client(), name: "127.0.0.1", verified: nil))
    #expect(!nameless.shake())
    #expect(nameless.server.failure == "there is no certificate for a client that sends no name")
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func aCertificateThatIsWaitedFor(protocols: TLSProtocols) throws {
    let pair = try #require(
      TLSPair(self.server(TLSServerSettings(), .wait), self.client { $0.protocols = protocols }))
    #expect(!pair.shake())
    #expect(pair.serverStep == .wantsCertificate)
    #expect(pair.server.handshake() == .wantsCertificate)
    pair.server.provide(.identity(try TLSIdentity([self.certificates.ecdsa.pair])))
    #expect(pair.shake())
  }

  @Test func theKeyThatTheClientCanUse() throws {
    let identity = try TLSIdentity([self.certificates.rsa.pair, self.certificates.ecdsa.pair])
    let server = try self.server(TLSServerSettings(), .identity(identity))
    for (ciphers, type) in [("ECDHE-RSA-AES128-GCM-SHA256", "RSA"), ("ECDHE-ECDSA-AES128-GCM-SHA256", "EC")] {
      let pair = try #require(
        TLSPair(
          server,
          self.client {
            $0.protocols = .v1_2
            $0.ciphers = ciphers
          }))
      #expect(pair.shake())
      #expect(pair.client.peerCertificate?.keyType == type)
    }
  }

  @Test func nothingInCommon() throws {
    var settings = TLSServerSettings()
    settings.protocols = .v1_3
    let version = try #require(TLSPair(self.server(settings), self.client { $0.protocols = .v1_2 }))
    #expect(!version.shake())
    #expect(version.server.failure == "no TLS version is allowed on both sides")
    #expect(version.client.failure?.contains("TLS versions") == true)
    let cipher = try #require(
      TLSPair(
        self.server(),
        self.client {
          $0.protocols = .v1_2
          $0.ciphers = "ECDHE-RSA-AES128-SHA"
        }))
    #expect(!cipher.shake())
    #expect(cipher.server.failure == "no cipher is allowed on both sides")
  }

  @Test func diffieHellmanOverFiniteFields() throws {
    let server = try self.server(TLSServerSettings(), .identity(TLSIdentity([self.certificates.rsa.pair])))
    let pair = try #require(
      TLSPair(
        server,
        self.client {
          $0.protocols = .v1_2
          $0.ciphers = "DHE-RSA-AES128-GCM-SHA256"
        }))
    #expect(pair.shake())
    #expect(pair.server.cipher == "DHE-RSA-AES128-GCM-SHA256")
  }

  @Test func aStapledAnswerDoesNoHarm() throws {
    let identity = try TLSIdentity([self.certificates.ecdsa.pair])
    let pair = try #require(
      TLSPair(self.server(TLSServerSettings(), .identity(identity, staple: [1, 2, 3])), self.client()))
    #expect(pair.shake())
  }

  @Test func everySuiteIsAccepted() throws {
    for suite in TLSCipherSuite.all { _ = try self.server(TLSServerSettings(suite: suite)) }
    #expect(TLSCipherSuite.named("intermediate")?.protocols.text == "TLSv1.2 TLSv1.3")
    #expect(TLSCipherSuite.named("custom") == nil)
    #expect(TLSProtocols("SSLv3 TLSv1.1 TLSv1.2") == [.v1_1, .v1_2])
    #expect(TLSProtocols("TLSv9") == nil)
    var wrong = TLSServerSettings()
    wrong.ciphers = "NOTHING"
    #expect(throws: TLSError.self) { try self.server(wrong) }
    wrong = TLSServerSettings()
    wrong.dhParameters = .pem("no parameters")
    #expect(throws: TLSError.self) { try self.server(wrong) }
    wrong.dhParameters = .group("ffdhe1")
    #expect(throws: TLSError.self) { try self.server(wrong) }
  }
}
