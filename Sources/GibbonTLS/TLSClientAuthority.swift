// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// That clients are asked for a certificate, and what it is measured by.
///
/// As in nginx a handshake does not fail on what the client sends or not: the verdict (`TLSSession.clientRefusal`) is
/// for whoever answers the request.
// Safety: nothing is written after the initializer; OpenSSL counts references of the store atomically and locks it.
@safe
public final class TLSClientAuthority: @unchecked Sendable {
  /// The values of nginx's `ssl_verify_client`.
  public enum Mode: Int32, Sendable {
    case none = 0
    case required = 1
    case optional = 2
    /// Any certificate passes whose issuer is unknown.
    case optionalWithoutAuthority = 3
  }

  let handle: OpaquePointer
  public let mode: Mode

  /// - Parameters:
  ///   - depth: certificates between the client's and the authority's, at most.
  ///   - sendsNames: tell clients the names of the authorities, so that they can choose a certificate.
  public init(_ trust: TLSTrust, mode: Mode, depth: Int = 1, sendsNames: Bool = true) throws(TLSError) {
    // Safety: the C side takes references of its own.
    let handle = unsafe gibbon_tls_authority_new(
      trust.handle, mode.rawValue, Int32(clamping: depth), sendsNames ? 1 : 0)
    guard let handle = unsafe handle else { throw TLSError(.system, "out of memory") }
    unsafe self.handle = unsafe handle
    self.mode = mode
  }

  deinit {
    // Safety: this object is the only owner.
    unsafe gibbon_tls_authority_free(self.handle)
  }
}
