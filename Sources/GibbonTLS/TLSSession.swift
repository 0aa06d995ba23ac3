// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS
internal import Glibc

/// TLS on one socket, as a server or as a client. It is confined to one loop, and never blocks.
///
/// The socket is the caller's: it must stay open until this object is gone.
@safe
public final class TLSSession {
  public enum Step: Sendable, Hashable {
    case done, wantsRead, wantsWrite
    /// The chooser answered `wait`. `handshake` asks it again, unless `provide` was called.
    case wantsCertificate
    /// `failure` says why.
    case failed
  }

  /// What `read` answers when TCP ended without close_notify: what came before may be cut short.
  public static let truncated = -Int(GIBBON_TLS_TRUNCATED_CODE)

  let handle: OpaquePointer

  /// Keeps what the C side points to: the context, until this is gone; the identity, until the handshake is over.
  private let server: TLSServerContext?
  private let client: TLSClientContext?
  private var identity: TLSIdentity?
  private(set) var authority: TLSClientAuthority?
  private let chooser: (any TLSCertificateChooser)?
  private let key: ResumptionCache.Key?
  private var provided: TLSChoice?

  /// What the client said, once its ClientHello is there; nil on the client's side.
  public private(set) var hello: TLSHello?
  public private(set) var isReady = false

  public var isServer: Bool { self.server != nil }

  init?(server: TLSServerContext, descriptor: Int32, early: [UInt8], chooser: any TLSCertificateChooser) {
    // Safety: the context lives as long as this object; the bytes are copied.
    let handle = unsafe CBytes.lend(early) { unsafe gibbon_tls_session_new(server.handle, descriptor, $0, $1) }
    guard let handle = unsafe handle else { return nil }
    unsafe self.handle = unsafe handle
    self.server = server
    self.client = nil
    self.chooser = chooser
    self.key = nil
  }

  init?(client: TLSClientContext, descriptor: Int32, key: ResumptionCache.Key) {
    // Safety: the context lives as long as this object.
    guard let handle = unsafe gibbon_tls_session_new(client.handle, descriptor, nil, 0) else { return nil }
    unsafe self.handle = unsafe handle
    self.server = nil
    self.client = client
    self.chooser = nil
    self.key = key
  }

  deinit {
    // Safety: this object is the only owner.
    unsafe gibbon_tls_session_free(self.handle)
  }

  // Safety: of all below: the handle lives as long as this object, which one loop uses; OpenSSL keeps no pointer to
  // bytes it is given after a call has returned.

  /// Goes on with the handshake as far as the socket allows.
  public func handshake() -> Step {
    while true {
      let step = unsafe gibbon_tls_handshake(self.handle)
      switch UInt32(bitPattern: step) {
      case GIBBON_TLS_DONE.rawValue:
        self.isReady = true
        self.identity = nil
        self.keepResumption()
        return .done
      case GIBBON_TLS_WANTS_READ.rawValue: return .wantsRead
      case GIBBON_TLS_WANTS_WRITE.rawValue: return .wantsWrite
      case GIBBON_TLS_WANTS_CHOICE.rawValue:
        if !self.decide() { return .wantsCertificate }
      default:
        self.identity = nil
        if let key = self.key { self.client?.resumptions.forget(key) }
        return .failed
      }
    }
  }

  /// The answer of a chooser that had said `wait`. Call `handshake` then.
  public func provide(_ choice: TLSChoice) { self.provided = choice }

  /// Asks for the certificate. False when it has to be waited for.
  private func decide() -> Bool {
    let hello = self.hello ?? self.readHello()
    self.hello = hello
    switch self.provided ?? self.chooser?.choose(hello) ?? .none {
    case .wait:
      self.provided = nil
      return false
    case .none: unsafe gibbon_tls_refuse(self.handle)
    case .identity(let identity, let authority, let protocols, let staple):
      self.identity = identity
      self.authority = authority
      let isChosen = unsafe CBytes.lend(ApplicationProtocols.wire(protocols ?? [])) {
        unsafe gibbon_tls_choose(self.handle, identity.handle, authority?.handle, $0, $1)
      }
      if isChosen != 1 { unsafe gibbon_tls_refuse(self.handle) }
      if let staple { _ = unsafe CBytes.lend(staple) { unsafe gibbon_tls_staple(self.handle, $0, $1) } }
    }
    return true
  }

  private func readHello() -> TLSHello {
    let name = unsafe CBytes.take(gibbon_tls_hello_server_name(self.handle))
    let protocols = unsafe CBytes.take(gibbon_tls_hello_alpn(self.handle))
    return TLSHello(
      serverName: name.isEmpty ? nil : String(decoding: name, as: UTF8.self),
      protocols: ApplicationProtocols.names(protocols))
  }

  private func keepResumption() {
    guard let key = self.key, let client = self.client else { return }
    guard let taken = unsafe gibbon_tls_take_resumption(self.handle) else { return }
    unsafe client.resumptions.store(taken, for: key)
  }

  /// Reads what was sent, at most as much as there is room for, and at most one record's.
  /// - Returns: a number of bytes; 0 at the orderly end (close_notify); `-EAGAIN` when there is nothing; `-EPROTO` when
  ///   TLS failed; `truncated`; or another `-errno` of the socket.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let result = unsafe gibbon_tls_read(self.handle, buffer.baseAddress, buffer.count)
    if self.key != nil { self.keepResumption() }
    return result
  }

  /// Writes as much as the socket takes.
  /// - Returns: a number of bytes that are taken; `-EAGAIN` when the socket is full; `-EPROTO`, or another `-errno` of
  ///   the socket. After fewer than all, the rest must be offered again: the same bytes in front, at any place.
  public func write(_ buffer: UnsafeRawBufferPointer) -> Int {
    unsafe gibbon_tls_write(self.handle, buffer.baseAddress, buffer.count)
  }

  /// Sends close_notify as far as the socket takes it.
  public func shutdown() { unsafe gibbon_tls_shutdown(self.handle) }

  /// Whether bytes are inside that a read would give: an edge-triggered socket does not announce them. False after a
  /// read has said `-EAGAIN`.
  public var hasPending: Bool { unsafe gibbon_tls_has_pending(self.handle) == 1 }

  /// Whether the socket gave less than there was room for at the last time, and nothing is pending: reading again
  /// before the socket is announced would find nothing.
  public var isDrained: Bool { unsafe gibbon_tls_is_drained(self.handle) == 1 }

  /// The socket was announced as readable: that it was empty at the last read says nothing any more, also where what is
  /// read next was inside already.
  public func noteReadable() { unsafe gibbon_tls_note_readable(self.handle) }
}
