// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonModel
internal import GibbonPluginAPI

/// A route, made ready for the request path. Immutable.
public final class RouteRuntime: Sendable {
  // What every request reads stands first, so that it shares the cache line of the object's head: among many routes,
  // each line is read from memory.
  public let service: ServiceRuntime?
  public let chain: PluginChain
  let stripPath: Bool
  let preserveHost: Bool
  let pathHandling: Route.PathHandling
  /// `request_buffering`: the service is contacted when the body is complete, or too large to be held back.
  let buffersRequests: Bool
  /// Plain HTTP requests are answered with `httpsRedirectStatus`.
  public let requiresHTTPS: Bool
  let httpsRedirectStatus: UInt16
  let requiresGRPC: Bool
  let logged = LoggedText()
  public let entity: Route

  /// - Parameter pathHandling: the route's, where the router's flavor honours it.
  public init(
    entity: Route, service: ServiceRuntime?, chain: PluginChain, pathHandling: Route.PathHandling = .v0
  ) {
    self.entity = entity
    self.service = service
    self.chain = chain
    self.stripPath = entity.stripPath
    self.preserveHost = entity.preserveHost
    self.pathHandling = pathHandling
    self.buffersRequests = entity.requestBuffering
    self.requiresHTTPS = entity.protocols.contains(.https) && !entity.protocols.contains(.http)
    self.httpsRedirectStatus = UInt16(clamping: entity.httpsRedirectStatusCode)
    self.requiresGRPC = entity.protocols.contains(.grpc) || entity.protocols.contains(.grpcs)
  }

  /// Field by field: to hand the entities on would copy them.
  var names: MatchedNames {
    MatchedNames(
      routeID: self.entity.id, routeName: self.entity.name,
      service: self.service.map { .init(id: $0.entity.id, name: $0.entity.name, host: $0.entity.host) })
  }
}
