// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonTLS
internal import Glibc

/// TLS between the socket and the rest of a connection.
extension Connection {
  /// Begins a handshake as a server; `didSecure` or `didFail` follows. What is written meanwhile waits.
  ///
  /// - Parameter early: bytes that were read from the socket before, and belong to the handshake.
  public final func secure(by context: TLSServerContext, early: borrowing Span<UInt8> = Span()) {
    guard self.isOpen else { return }
    self.begin(context.session(descriptor: self.descriptor, early: early.array))
  }

  /// Begins a handshake as a client.
  ///
  /// - Parameters:
  ///   - serverName: told to the server, unless it is an address.
  ///   - verifiedName: the name or address that the server's certificate must be for; nil where that is not verified.
  ///   - address: whom this is connected to; sessions are resumed with the same only.
  public final func secure(by context: TLSClientContext, serverName: String?, verifiedName: String?, address: String) {
    guard self.isOpen else { return }
    self.begin(
      context.session(
        descriptor: self.descriptor, serverName: serverName, verifiedName: verifiedName, address: address))
  }

  private final func begin(_ session: TLSSession?) {
    guard let session else { return self.didFail(SystemError(code: ENOMEM)) }
    self.session = session
    self.opening = .handshaking
    self.shakeHands()
  }

  /// What was agreed upon, and why a handshake failed; nil without TLS.
  public final var security: TLSSession? { self.session }

  /// Whether the handshake of TLS is under way.
  public final var isHandshaking: Bool { self.opening == .handshaking }

  /// Goes on without TLS, to say in plain text that TLS was expected.
  public final func giveUpTLS() {
    self.session = nil
    self.opening = .established
  }

  final func shakeHands() {
    guard self.isOpen, let session = self.session else { return }
    switch session.handshake() {
    case .done:
      self.opening = .established
      self.didSecure()
      self.flushHeld()
      // Bytes that came with the end of the handshake are inside of the session: no edge announces them.
      guard self.isOpen else { return }
      self.mayRead = true
      self.readIfWanted()
    case .wantsRead, .wantsCertificate: break
    case .wantsWrite: self.mayWrite = false
    case .failed: self.didFail(SystemError(code: EPROTO))
    }
  }
}
