// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel

/// Who sent the request (`kong.client`).
public struct ClientView {
  private let backend: any RequestBackend

  init(_ context: RequestContext) { self.backend = context.backend }

  /// The other end of the connection.
  public var peerAddress: IPAddress? { self.backend.peer }
  public var peerPort: UInt16 { self.backend.peerPort }

  /// The client as trusted proxies report it (real_ip_header, PROXY protocol); else the peer.
  public var address: IPAddress? { self.backend.clientAddress }
  public var port: UInt16 { self.backend.clientPort }

  public var consumer: Consumer? { self.backend.consumer }
  public var credential: Credential? { self.backend.credential }

  /// Says who the request comes from: plugins configured for the credential's consumer apply from here on,
  /// and the service is told by the `X-Consumer-*` and `X-Credential-Identifier` headers.
  public func authenticate(_ credential: Credential) {
    self.backend.setClient(credential.consumer, credential)
    self.backend.editUpstreamHeaders { $0.merge(credential.identity) }
  }

  /// Nobody could be authenticated and this consumer stands for such requests (`anonymous`).
  public func authenticate(anonymous consumer: Consumer) {
    self.backend.setClient(consumer, nil)
    self.backend.editUpstreamHeaders { $0.merge(HeaderEdits.identity(of: consumer, credential: nil)) }
  }
}
