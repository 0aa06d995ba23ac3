// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import GibbonPluginAPI
internal import GibbonTLS

/// Handshakes with clients.
extension DownstreamConnection {
  /// Begins TLS.
  ///
  /// - Parameter early: bytes of the client's that were read already.
  func beginTLS(_ early: borrowing Span<UInt8> = Span()) {
    guard let tls = self.worker.settings.tls else { return self.close() }
    self.secure(by: tls.context, early: early)
  }

  /// The client does not speak TLS, or not as is wanted.
  func handshakeFailed(_ error: SystemError) {
    let client = self.peer.map { "\($0)" } ?? "unix:"
    guard let session = self.security else { return self.close() }
    guard session.isPlainHTTP else {
      let reason = session.failure ?? "\(error)"
      self.worker.errorLog.write(
        .info, "SSL_do_handshake() failed (\(reason)) while SSL handshaking, client: \(client)")
      return self.close()
    }
    self.giveUpTLS()
    let exchange = self.worker.takeExchange()
    self.exchange = exchange
    self.refuse(exchange, "plain HTTP request to HTTPS port", as: .plainHTTP)
  }
}

extension Exchange {
  /// Read from the connection when somebody asks, while there is one.
  var clientSecurity: ClientSecurity? {
    guard self.received.isEncrypted, let session = self.client.connection?.security else { return nil }
    return ClientSecurity(
      version: session.protocolVersion, cipher: session.cipher, clientVerification: session.clientVerification,
      serverName: session.serverName, clientCertificates: session.peerChainPEM ?? "")
  }
}
