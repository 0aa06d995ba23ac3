// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonTLS
internal import Synchronization

/// TLS with clients: the context of all listeners with `ssl`, and the certificates to choose from. Shared by all loops.
public struct ServerTLS: Sendable {
  let context: TLSServerContext
  let chooser: CertificateChooser

  /// - Parameters:
  ///   - identity: shown where the client's name has no certificate of its own.
  ///   - authority: what is asked of clients; nil for nothing.
  ///   - tickets: the keys that sessions are resumed with. The same ones after a reload: no client begins anew.
  /// - Throws: what in the settings the library does not take.
  public init(
    _ settings: TLSServerSettings, identity: TLSIdentity, authority: TLSClientAuthority?, tickets: TLSTicketKeys?
  ) throws(TLSError) {
    self.chooser = CertificateChooser(identity: identity, authority: authority)
    self.context = try TLSServerContext(settings, tickets: tickets, chooser: self.chooser)
  }
}

/// Chooses a certificate by the name that a client asks for, from the snapshot that is served now. Thread-safe.
final class CertificateChooser: TLSCertificateChooser {
  private struct State {
    var certificates = CertificateIndex()
    var errorLog: ErrorLog?
  }

  private let identity: TLSIdentity
  private let authority: TLSClientAuthority?
  private let state = Mutex(State())

  init(identity: TLSIdentity, authority: TLSClientAuthority?) {
    self.identity = identity
    self.authority = authority
  }

  /// Takes over the certificates of a snapshot: the next handshake anywhere sees them.
  func use(_ certificates: CertificateIndex, _ errorLog: ErrorLog) {
    // The former ones are freed outside of the lock, which handshakes wait for.
    let former = self.state.withLock { state in
      let former = state.certificates
      state = State(certificates: certificates, errorLog: errorLog)
      return former
    }
    withExtendedLifetime(former) {}
  }

  func choose(_ hello: TLSHello) -> TLSChoice {
    let (certificates, errorLog) = self.state.withLock { ($0.certificates, $0.errorLog) }
    let found = hello.serverName.flatMap { name in certificates.entry(for: Array(name.utf8).span) }
    let identity = found?.identity { errorLog?.write(.error, $0) }
    return .identity(identity ?? self.identity, client: self.authority)
  }
}
