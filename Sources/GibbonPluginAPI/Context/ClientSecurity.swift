// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a client and the gateway agreed upon in TLS.
public struct ClientSecurity: Sendable, Hashable {
  /// As nginx's `$ssl_protocol`, such as `TLSv1.3`.
  public let version: String
  /// As nginx's `$ssl_cipher`, such as `TLS_AES_256_GCM_SHA384`.
  public let cipher: String
  /// As nginx's `$ssl_client_verify`: `NONE`, `SUCCESS` or `FAILED:reason`.
  public let clientVerification: String
  /// The name the client asked for, in lower case; nil for none.
  public let serverName: String?
  /// The client's certificate and those it sent with it, in PEM; empty for none.
  public let clientCertificates: String

  package init(
    version: String, cipher: String, clientVerification: String, serverName: String?, clientCertificates: String
  ) {
    self.version = version
    self.cipher = cipher
    self.clientVerification = clientVerification
    self.serverName = serverName
    self.clientCertificates = clientCertificates
  }
}

extension RequestBackend {
  package var clientSecurity: ClientSecurity? { nil }
}
