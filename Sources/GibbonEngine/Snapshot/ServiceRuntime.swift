// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel

/// A host and port a service's requests may go to.
public struct UpstreamEndpoint: Sendable, Hashable {
  public var host: String
  public var port: UInt16
  /// Share of the requests; 0 gets none.
  public var weight: Int

  public init(host: String, port: UInt16, weight: Int = 100) {
    self.host = host
    self.port = port
    self.weight = weight
  }
}

/// A service, made ready for the request path. Immutable.
public final class ServiceRuntime: Sendable {
  public let entity: Service
  /// Its place in its snapshot: loops keep what they know of it at this index.
  public let slot: Int
  /// What goes before the request's path; nil is `/`.
  let path: [UInt8]
  /// `Host` for routes that do not preserve the client's, to which the endpoint's port is added (as in Kong); nil takes
  /// each endpoint's host.
  let hostHeader: [UInt8]?
  /// The host header names a port of its own.
  let hostHeaderHasPort: Bool
  public let endpoints: [UpstreamEndpoint]
  /// The upstream whose targets its requests go to, in place of the endpoints.
  public let upstream: EntityID?
  let isUpstreamTLS: Bool
  /// Its protocol is one of gRPC: requests go in HTTP/2, with their paths as they are.
  let speaksHTTP2: Bool
  /// Milliseconds.
  let connectTimeout: Int
  let writeTimeout: Int
  let readTimeout: Int
  let retries: Int
  let logged = LoggedText()

  /// - Parameters:
  ///   - endpoints: where requests go: the service's own host and port.
  ///   - hostHeader: `Host` for every request.
  public init(
    entity: Service, slot: Int, endpoints: [UpstreamEndpoint], hostHeader: String? = nil, upstream: EntityID? = nil
  ) {
    self.entity = entity
    self.slot = slot
    self.path = Array((entity.path ?? "/").utf8)
    self.endpoints = endpoints
    self.upstream = upstream
    self.isUpstreamTLS = entity.protocol.isEncrypted
    self.speaksHTTP2 = entity.protocol == .grpc || entity.protocol == .grpcs
    self.hostHeader = hostHeader.map { Array(HostText.bracketed($0).utf8) }
    self.hostHeaderHasPort = hostHeader.map(HostText.hasPort) ?? false
    self.connectTimeout = entity.connectTimeoutMilliseconds
    self.writeTimeout = entity.writeTimeoutMilliseconds
    self.readTimeout = entity.readTimeoutMilliseconds
    self.retries = entity.retries
  }
}
