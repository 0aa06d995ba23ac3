// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// How a listener speaks TLS.
public struct TLSServerSettings: Sendable, Hashable {
  public var protocols: TLSProtocols = .current

  /// OpenSSL's list for TLS 1.2 and older; nil for OpenSSL's own.
  public var ciphers: String? = TLSCipherSuite.intermediate.ciphers

  /// Suites of TLS 1.3; nil for OpenSSL's own.
  public var suites: String?
  public var prefersServerCiphers = false
  public var dhParameters: TLSDHParameters? = .group("ffdhe2048")

  /// Groups for key exchange, in OpenSSL's words; nil for OpenSSL's own.
  public var groups: String?

  /// Without tickets, sessions are kept in this process: `sessionCache` of them.
  public var sessionTickets = true
  public var sessionTimeout = 86_400
  public var sessionCache = 20_480

  /// In order of preference; a client that offers others only is refused.
  public var applicationProtocols: [String] = []

  /// Sessions are resumed only between contexts of one scope.
  public var scope = ""

  /// OpenSSL's security level; nil for 2, and for 0 where versions before TLS 1.2 are allowed, which need it.
  public var securityLevel: Int?

  public init() {}

  public init(suite: TLSCipherSuite) {
    self.protocols = suite.protocols
    self.ciphers = suite.ciphers
    self.prefersServerCiphers = suite.prefersServerCiphers
    self.dhParameters = suite.dhParameters
  }
}

/// What the sessions of a listener share. Loops share it too.
///
/// Renegotiation, compression and early data are off.
// Safety: nothing is written after the initializer; OpenSSL counts references of the context atomically, and locks its
// session cache.
@safe
public final class TLSServerContext: @unchecked Sendable {
  let handle: OpaquePointer
  let chooser: any TLSCertificateChooser
  private let tickets: TLSTicketKeys?

  /// - Parameter tickets: the keys of session tickets; nil for a context whose settings have none.
  public init(
    _ settings: TLSServerSettings, tickets: TLSTicketKeys?, chooser: any TLSCertificateChooser
  ) throws(TLSError) {
    guard let handle = unsafe gibbon_tls_context_new(1) else { throw TLSError(.system, "out of memory") }
    self.chooser = chooser
    self.tickets = settings.sessionTickets ? tickets : nil
    unsafe self.handle = unsafe handle
    // Safety: the handle is ours, texts are lent for their calls; the deinitializer frees it when this throws.
    let level = settings.securityLevel ?? (settings.protocols.isDisjoint(with: .legacy) ? 2 : 0)
    unsafe gibbon_tls_context_security_level(handle, Int32(clamping: level))
    try unsafe ContextRules.apply(
      settings.protocols, ciphers: settings.ciphers, suites: settings.suites, to: handle)
    if let groups = settings.groups, unsafe gibbon_tls_context_groups(handle, groups) != 1 {
      throw TLSError(.setting, "the list of key exchange groups is not valid: \(groups)")
    }
    if settings.prefersServerCiphers { unsafe gibbon_tls_context_prefer_server_ciphers(handle) }
    try unsafe Self.set(settings.dhParameters, on: handle)
    let wire = ApplicationProtocols.wire(settings.applicationProtocols)
    _ = unsafe CBytes.lend(wire) { unsafe gibbon_tls_context_alpn(handle, $0, $1) }
    _ = unsafe CBytes.lend(Array(settings.scope.utf8)) { unsafe gibbon_tls_context_scope(handle, $0, $1) }
    unsafe gibbon_tls_context_sessions(
      handle, self.tickets?.handle, settings.sessionTimeout, settings.sessionTickets ? 0 : settings.sessionCache)
  }

  deinit {
    // Safety: sessions hold this object, so that none is left.
    unsafe gibbon_tls_context_free(self.handle)
  }

  /// A session for a connection that was accepted.
  /// - Parameters:
  ///   - descriptor: a non-blocking socket, which stays the caller's and must outlive the session.
  ///   - early: bytes that were read from the socket before.
  ///   - chooser: instead of the context's.
  /// - Returns: nil when there is no memory.
  public func session(
    descriptor: Int32, early: [UInt8] = [], chooser: (any TLSCertificateChooser)? = nil
  ) -> TLSSession? {
    TLSSession(server: self, descriptor: descriptor, early: early, chooser: chooser ?? self.chooser)
  }

  private static func set(_ parameters: TLSDHParameters?, on handle: OpaquePointer) throws(TLSError) {
    switch parameters {
    case nil: return
    case .group(let name):
      // Safety: the name is lent for the call.
      if unsafe gibbon_tls_context_dh_group(handle, name) == 1 { return }
      throw TLSError(.setting, "no group of Diffie-Hellman parameters is named \(name)")
    case .pem(let text):
      // Safety: the text is lent for the call.
      if unsafe CBytes.lend(Array(text.utf8), { unsafe gibbon_tls_context_dh_pem(handle, $0, $1) }) == 1 { return }
      throw TLSError(.setting, "the text has no Diffie-Hellman parameters in PEM, or they are too short")
    }
  }
}
