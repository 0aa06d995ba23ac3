// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS
internal import Glibc

/// Why a session failed, in words for whoever reads the log.
extension TLSSession {
  /// Whether the peer spoke plain HTTP. A server can answer with 400 on the bare socket, as nginx does.
  public var isPlainHTTP: Bool { self.cause == GIBBON_TLS_CAUSE_PLAIN_HTTP.rawValue }

  private var cause: UInt32 {
    // Safety: the handle lives as long as this object.
    UInt32(bitPattern: unsafe gibbon_tls_failure(self.handle).cause)
  }

  /// nil when nothing failed.
  public var failure: String? {
    // Safety: the handle lives as long as this object.
    let failure = unsafe gibbon_tls_failure(self.handle)
    switch UInt32(bitPattern: failure.cause) {
    case GIBBON_TLS_CAUSE_NONE.rawValue: return nil
    case GIBBON_TLS_CAUSE_SYSTEM.rawValue: return Self.systemText(failure.code)
    case GIBBON_TLS_CAUSE_CUT.rawValue:
      return self.isReady
        ? "the peer closed the connection without the close_notify of TLS"
        : "the peer closed the connection during the TLS handshake"
    case GIBBON_TLS_CAUSE_PLAIN_HTTP.rawValue:
      return self.isServer
        ? "the client sent a plain HTTP request to the HTTPS port"
        : "the server answered in plain HTTP: it does not speak TLS on this port"
    case GIBBON_TLS_CAUSE_NOT_TLS.rawValue: return "the peer does not speak TLS"
    case GIBBON_TLS_CAUSE_VERSION.rawValue: return "no TLS version is allowed on both sides"
    case GIBBON_TLS_CAUSE_NO_CIPHER.rawValue: return "no cipher is allowed on both sides"
    case GIBBON_TLS_CAUSE_NO_SIGNATURE.rawValue:
      return "no signature algorithm fits both sides and the key of the certificate"
    case GIBBON_TLS_CAUSE_NO_ALPN.rawValue: return "no application protocol (ALPN) is known to both sides"
    case GIBBON_TLS_CAUSE_ALERT.rawValue: return Self.alertText(failure.code, Self.text(failure))
    case GIBBON_TLS_CAUSE_VERIFY.rawValue: return Self.verificationFailure(failure.code, issuer: Self.text(failure))
    case GIBBON_TLS_CAUSE_BAD_RECORD.rawValue: return "a TLS record was damaged on its way"
    case GIBBON_TLS_CAUSE_RECORD_TOO_LONG.rawValue: return "the peer sent a TLS record that is too long"
    case GIBBON_TLS_CAUSE_REFUSED.rawValue:
      return self.serverName.map { "there is no certificate for the name \($0)" }
        ?? "there is no certificate for a client that sends no name"
    default: return "TLS failed: \(Self.text(failure))"
    }
  }

  private static func text(_ failure: gibbon_tls_failure) -> String {
    // Safety: a copy of the array, read up to its zero byte and not beyond its end.
    unsafe withUnsafeBytes(of: failure.text) { bytes in
      let text = unsafe bytes.prefix { $0 != 0 }
      return String(decoding: unsafe Array(text), as: UTF8.self)
    }
  }

  private static func systemText(_ number: Int32) -> String {
    switch number {
    case ECONNRESET: "the peer reset the connection"
    case EPIPE: "the peer closed the connection while it was written to"
    case ETIMEDOUT: "the connection timed out"
    default: "system error \(number)"
    }
  }

  /// RFC 8446, section 6.
  private static func alertText(_ number: Int32, _ name: String) -> String {
    let meaning: String? =
      switch number {
      case 40: "it could not agree to what is offered here, or wants a client certificate"
      case 42: "it could not read the certificate of this side"
      case 43: "it does not support the type of the certificate of this side"
      case 44: "the certificate of this side is revoked"
      case 45: "the certificate of this side has expired"
      case 46: "it does not accept the certificate of this side"
      case 48: "it does not know the authority that signed the certificate of this side"
      case 49: "access was denied"
      case 70: "it supports none of the TLS versions offered here"
      case 71: "it wants stronger ciphers"
      case 112: "it has no certificate for the name it was asked for"
      case 116: "it wants a client certificate"
      case 120: "it knows none of the application protocols offered here"
      default: nil
      }
    return "the peer refused with the alert \"\(name)\"" + (meaning.map { ": \($0)" } ?? "")
  }

  private static func verificationFailure(_ code: Int32, issuer: String) -> String {
    let by = issuer.isEmpty ? "its issuer" : "its issuer (\(issuer))"
    let what: String =
      switch gibbon_tls_verify_kind(Int(code)) {
      case 1: "it, or one it was signed with, has expired"
      case 2: "it, or one it was signed with, is not valid yet"
      case 3: "it is signed by itself, and not among the trusted ones"
      case 4: "the authority at the end of its chain (\(issuer)) is not among the trusted ones"
      case 5: "\(by) is neither among the trusted authorities nor sent as an intermediate certificate"
      case 6: "it is for another name"
      case 7: "it is for another address"
      case 8: "its chain is longer than allowed"
      case 9: "it, or one it was signed with, is not made for this purpose"
      case 10: "it is revoked"
      default: Self.verificationText(Int(code))
      }
    return "the certificate of the server was not accepted: \(what) (\(Self.verificationText(Int(code))))"
  }
}
