// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI

/// What becomes of a request that took a route, for whoever tells it without sending one.
extension RouteRuntime {
  /// The path that the service gets.
  /// - Parameters:
  ///   - path: the request's, in normal form.
  ///   - matchedCount: bytes of it that the route's path matched; nil for a route without one.
  public func servicePath(of path: Span<UInt8>, matchedCount: Int?) -> String {
    guard let service else { return "" }
    let base = service.path
    var output = ByteBuffer()
    UpstreamPath(handling: self.pathHandling, strips: self.stripPath, matchedCount: matchedCount)
      .append(to: &output, base: base.span, request: path, isEscaped: false)
    return output.string
  }

  /// The `Host` that the service gets: the client's where the route keeps it, else the upstream's; nil where it is that
  /// of the endpoint that is chosen.
  public func hostField(client: String) -> String? {
    if self.preserveHost { return client }
    return self.service?.hostHeader.map { String(decoding: $0, as: UTF8.self) }
  }

  /// What the gate behind the router answers to a request over HTTP/1.1; nil where it lets the request through.
  public func gateAnswer(isEncrypted: Bool, isGRPC: Bool) -> (status: UInt16, reason: String)? {
    if self.requiresGRPC {
      return isGRPC ? (426, "Please use HTTP2 protocol") : (415, "Non-gRPC request matched gRPC route")
    }
    guard self.requiresHTTPS, !isEncrypted else { return nil }
    return (self.httpsRedirectStatus, "Please use HTTPS protocol")
  }
}

extension PluginChain {
  /// A plugin in the order in which its instances run.
  public struct Place: Sendable, Hashable {
    public let name: String

    /// The instance for everybody; nil where only some consumers have one.
    public let id: EntityID?

    /// Consumers with an instance of their own.
    public let consumerCount: Int
  }

  /// The plugins that run, the first first.
  public var places: [Place] {
    self.slots.compactMap { slot in
      guard let entry = slot.fallback ?? slot.byConsumer.values.first else { return nil }
      return Place(name: entry.descriptor.name, id: slot.fallback?.id, consumerCount: slot.byConsumer.count)
    }
  }
}
