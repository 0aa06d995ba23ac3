// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonRouting

/// Everything a request needs to know of the configuration. Immutable: a change makes a new one, which
/// every loop takes over between two batches of events. Requests under way keep the one they began with.
public final class Snapshot: Sendable {
  public let router: Router
  /// By the handle the router answers with.
  public let routes: RouteTable
  /// Plugins for requests that match no route.
  public let globalChain: PluginChain
  /// Services of this snapshot have slots below this.
  public let serviceSlots: Int
  public let upstreams: UpstreamSet
  /// By server name and by id.
  public let certificates: CertificateIndex
  /// Identifies the configuration, for people.
  public let hash: String
  /// Routes whose service is disabled, for whoever asks why they do not match.
  public let disabled: Router?

  public init(
    router: Router, routes: RouteTable, globalChain: PluginChain, serviceSlots: Int,
    upstreams: UpstreamSet = UpstreamSet(), certificates: CertificateIndex = CertificateIndex(), hash: String,
    disabled: Router? = nil
  ) {
    self.router = router
    self.routes = routes
    self.globalChain = globalChain
    self.serviceSlots = serviceSlots
    self.upstreams = upstreams
    self.certificates = certificates
    self.hash = hash
    self.disabled = disabled
  }
}
