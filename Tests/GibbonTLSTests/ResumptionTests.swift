// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc
import Testing

@Suite struct ResumptionTests {
  private let certificates: TestCertificates
  init() throws { self.certificates = try TestCertificates.shared.get() }

  private func context(
    _ tickets: TLSTicketKeys?, _ change: (inout TLSServerSettings) -> Void = { _ in }
  ) throws -> TLSServerContext {
    var settings = TLSServerSettings()
    change(&settings)
    return try TLSServerContext(
      settings, tickets: tickets, chooser: FixedChoice(.identity(TLSIdentity([self.certificates.ecdsa.pair]))))
  }

  private func client(_ protocols: TLSProtocols = .current, cache: Int = 256) throws -> TLSClientContext {
    var settings = TLSClientSettings()
    settings.protocols = protocols
    settings.verifies = true
    settings.trust = try self.certificates.trust(self.certificates.authority)
    settings.sessionCache = cache
    return try TLSClientContext(settings)
  }

  /// Whether a connection was resumed. The client reads once, since TLS 1.3 sends tickets after the handshake.
  private func isResumed(
    _ server: TLSServerContext, _ client: TLSClientContext, name: String = "example.com"
  ) throws -> Bool {
    let pair = try #require(TLSPair(server, client, name: name, verified: name))
    #expect(pair.shake(), "\(pair.client.failure ?? "")")
    #expect(pair.carry([1, 2], from: pair.server, to: pair.client) == [1, 2])
    #expect(pair.server.isResumed == pair.client.isResumed)
    pair.client.shutdown()
    return pair.server.isResumed
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func onAnotherContextOfTheSameKeys(protocols: TLSProtocols) throws {
    let tickets = try TLSTicketKeys(now: 0)
    let client = try self.client(protocols)
    #expect(try !self.isResumed(self.context(tickets), client))
    #expect(try self.isResumed(self.context(tickets), client))
    #expect(try self.isResumed(self.context(tickets), client))
    #expect(try !self.isResumed(self.context(TLSTicketKeys(now: 0)), client))
    #expect(try self.isResumed(self.context(tickets), self.client(protocols)) == false)
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func notForAnotherNameOrScope(protocols: TLSProtocols) throws {
    let tickets = try TLSTicketKeys(now: 0)
    let server = try self.context(tickets)
    let client = try self.client(protocols)
    #expect(try !self.isResumed(server, client))
    #expect(try !self.isResumed(server, client, name: "www.example.com"))
    #expect(try self.isResumed(server, client))
    #expect(try !self.isResumed(self.context(tickets) { $0.scope = "admin" }, client))
  }

  @Test(arguments: [TLSProtocols.v1_2, .v1_3])
  func withoutTickets(protocols: TLSProtocols) throws {
    let server = try self.context(nil) { $0.sessionTickets = false }
    let client = try self.client(protocols)
    #expect(try !self.isResumed(server, client))
    #expect(try self.isResumed(server, client))
    let none = try self.context(nil) {
      $0.sessionTickets = false
      $0.sessionCache = 0
    }
    let other = try self.client(protocols)
    #expect(try !self.isResumed(none, other))
    #expect(try !self.isResumed(none, other))
  }

  @Test func keysRotate() throws {
    let tickets = try TLSTicketKeys(now: 1_000, rotation: 100, lifetime: 300)
    let server = try self.context(tickets)
    let client = try self.client()
    #expect(try !self.isResumed(server, client))
    #expect(!tickets.advance(to: 1_099))
    #expect(tickets.advance(to: 1_100))
    #expect(tickets.count == 2)
    #expect(try self.isResumed(server, client), "an older key opens")
    // The ticket is of the second key now.
    tickets.advance(to: 1_200)
    tickets.advance(to: 1_400)
    #expect(tickets.count == 3)
    #expect(try self.isResumed(server, client))
    for now in stride(from: UInt64(1_500), through: 2_500, by: 100) { tickets.advance(to: now) }
    #expect(tickets.count <= 5)
    #expect(try !self.isResumed(server, client), "its key is gone")
  }

  @Test func theCacheIsBounded() throws {
    let server = try self.context(TLSTicketKeys(now: 0))
    let client = try self.client(cache: 2)
    for name in ["a", "b", "c"] { #expect(try !self.isResumed(server, client, name: "\(name).example.com")) }
    #expect(try !self.isResumed(server, client, name: "a.example.com"))
    #expect(try self.isResumed(server, client, name: "c.example.com"))
    let off = try self.client(cache: 0)
    for _ in 0..<2 { #expect(try !self.isResumed(server, off)) }
  }
}
