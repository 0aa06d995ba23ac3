// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS
internal import GibbonCore

/// How a service is spoken to.
public struct TLSClientSettings: Sendable {
  public var protocols: TLSProtocols = .current

  /// OpenSSL's list for TLS 1.2 and older; nil for OpenSSL's own.
  public var ciphers: String?
  public var suites: String?

  /// Whether the server's certificate is verified, and by what. Nothing is trusted by default.
  public var verifies = false
  public var trust: TLSTrust?
  public var depth = 1

  /// What this side shows when it is asked.
  public var identity: TLSIdentity?
  public var applicationProtocols: [String] = []

  /// How many sessions are kept to be resumed; 0 for none.
  public var sessionCache = 256

  public init() {}
}

/// What the connections to services under one set of rules share, with their sessions to resume.
// Safety: nothing is written after the initializer but the cache, which has a lock; OpenSSL counts references of the
// context atomically.
@safe
public final class TLSClientContext: @unchecked Sendable {
  let handle: OpaquePointer
  let resumptions: ResumptionCache

  public init(_ settings: TLSClientSettings) throws(TLSError) {
    guard let handle = unsafe gibbon_tls_context_new(0) else { throw TLSError(.system, "out of memory") }
    self.resumptions = ResumptionCache(capacity: settings.sessionCache)
    unsafe self.handle = unsafe handle
    // Safety: the handle is ours, texts are lent for their calls; the deinitializer frees it when this throws.
    if !settings.protocols.isDisjoint(with: .legacy) { unsafe gibbon_tls_context_security_level(handle, 0) }
    try unsafe ContextRules.apply(
      settings.protocols, ciphers: settings.ciphers, suites: settings.suites, to: handle)
    if let trust = settings.trust { _ = unsafe gibbon_tls_context_trust(handle, trust.handle) }
    unsafe gibbon_tls_context_verify(handle, settings.verifies ? 1 : 0, Int32(clamping: settings.depth))
    if let identity = settings.identity, unsafe gibbon_tls_context_identity(handle, identity.handle) != 1 {
      throw TLSError(.setting, "the client certificate cannot be used")
    }
    let wire = ApplicationProtocols.wire(settings.applicationProtocols)
    _ = unsafe CBytes.lend(wire) { unsafe gibbon_tls_context_alpn(handle, $0, $1) }
  }

  deinit {
    // Safety: sessions hold this object, so that none is left.
    unsafe gibbon_tls_context_free(self.handle)
  }

  /// A session for a connection that was made.
  /// - Parameters:
  ///   - descriptor: a non-blocking socket, which stays the caller's and must outlive the session.
  ///   - serverName: the name that is sent (SNI). An address is not sent (RFC 6066, section 3).
  ///   - verifiedName: the name or address that the certificate must be for, where certificates are verified.
  ///   - address: whom the socket is connected to; sessions are resumed with the same one only.
  /// - Returns: nil when there is no memory, or a name cannot be one.
  public func session(
    descriptor: Int32, serverName: String?, verifiedName: String?, address: String
  ) -> TLSSession? {
    let key = ResumptionCache.Key(serverName: serverName, verifiedName: verifiedName, address: address)
    guard let session = TLSSession(client: self, descriptor: descriptor, key: key) else { return nil }
    // Safety: the texts are lent for their calls; the session's handle lives as long as the session.
    if let serverName, IPAddress(serverName) == nil {
      guard Self.isName(serverName), unsafe gibbon_tls_set_server_name(session.handle, serverName) == 1 else {
        return nil
      }
    }
    if let verifiedName {
      guard Self.isName(verifiedName) else { return nil }
      let isSet =
        IPAddress(verifiedName) == nil
        ? unsafe gibbon_tls_verify_host(session.handle, verifiedName)
        : unsafe gibbon_tls_verify_address(session.handle, verifiedName)
      if isSet != 1 { return nil }
    }
    self.resumptions.apply(key, to: session)
    return session
  }

  /// Whether C reads the whole of it, and takes it for a name.
  private static func isName(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count) && !text.utf8.contains(0)
  }
}
