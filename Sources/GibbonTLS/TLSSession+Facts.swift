// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS

/// What is known once the handshake is over.
extension TLSSession {
  // Safety: of all below: the handle lives as long as this object; texts are copied.

  /// As nginx's `$ssl_protocol`: `TLSv1.3`.
  public var protocolVersion: String { unsafe String(cString: gibbon_tls_version(self.handle)) }

  /// As nginx's `$ssl_cipher`: `TLS_AES_256_GCM_SHA384`, `ECDHE-RSA-AES128-GCM-SHA256`.
  public var cipher: String { unsafe String(cString: gibbon_tls_cipher(self.handle)) }

  /// The name the client sent (SNI), in lower case and without a final dot.
  public var serverName: String? { self.hello?.serverName }

  /// The application protocol that was agreed upon.
  public var applicationProtocol: String? {
    let name = unsafe CBytes.text(gibbon_tls_alpn(self.handle))
    return name.isEmpty ? nil : name
  }

  public var isResumed: Bool { unsafe gibbon_tls_is_resumed(self.handle) == 1 }

  /// The peer's certificate; nil when it has shown none.
  public var peerCertificate: TLSCertificate? {
    guard let certificate = unsafe gibbon_tls_peer(self.handle) else { return nil }
    return unsafe TLSCertificate(handle: certificate)
  }

  /// The peer's certificate and those it sent with it, as PEM. A resumed session has the first only.
  public var peerChainPEM: String? {
    let text = unsafe CBytes.text(gibbon_tls_peer_chain_pem(self.handle))
    return text.isEmpty ? nil : text
  }

  /// nginx's `$ssl_client_verify`: `NONE`, `SUCCESS` or `FAILED:reason`.
  public var clientVerification: String {
    if self.peerCertificate == nil { return "NONE" }
    let result = unsafe gibbon_tls_verify_result(self.handle)
    return result == 0 ? "SUCCESS" : "FAILED:\(Self.verificationText(result))"
  }

  /// Why a request on this session is to be answered with 400.
  public enum ClientRefusal: Sendable, Hashable {
    /// nginx: "The SSL certificate error".
    case certificateError(String)
    /// nginx: "No required SSL certificate was sent".
    case noCertificate
  }

  /// What nginx does with the certificate, or the lack of one, in the mode that was chosen; nil when all is well.
  public var clientRefusal: ClientRefusal? {
    guard let mode = self.authority?.mode, mode != .none else { return nil }
    guard self.peerCertificate != nil else { return mode == .required ? .noCertificate : nil }
    let result = unsafe gibbon_tls_verify_result(self.handle)
    if result == 0 { return nil }
    if mode == .optionalWithoutAuthority, gibbon_tls_is_unknown_issuer(result) == 1 { return nil }
    return .certificateError(Self.verificationText(result))
  }

  static func verificationText(_ result: Int) -> String {
    // Safety: OpenSSL's texts are constants.
    guard let text = unsafe gibbon_tls_verify_text(result) else { return "error \(result)" }
    return unsafe String(cString: text)
  }
}
