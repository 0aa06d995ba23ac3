// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonPluginAPI
public import GibbonSchema

/// How an upstream is on this node, in the form of the API.
public struct UpstreamStatus: Sendable {
  public struct Target: Sendable {
    /// `HEALTHY`, `UNHEALTHY`, `HEALTHCHECKS_OFF` or `DNS_ERROR`
    public var health: String
    /// Addresses, weights and what DNS said.
    public var data: JSONObject

    public init(health: String, data: JSONObject) {
      self.health = health
      self.data = data
    }
  }

  /// By `host:port`.
  public var targets: [String: Target]
  /// `HEALTHY`, `UNHEALTHY` or `HEALTHCHECKS_OFF`
  public var health: String
  /// Of the whole; nil without health checks.
  public var details: JSONObject?

  public init(targets: [String: Target], health: String, details: JSONObject?) {
    self.targets = targets
    self.health = health
    self.details = details
  }
}

/// What became of the wish to set a target's health.
public enum UpstreamHealthOutcome: Sendable, Hashable {
  case done
  case notFound
  case refused(String)
}

extension AdminNode {
  /// A node that balances nothing.
  public func upstreamStatus(_ id: EntityID) async -> UpstreamStatus? { nil }

  public func setHealth(
    ofUpstream id: EntityID, target: String, address: String?, isHealthy: Bool
  ) async -> UpstreamHealthOutcome { .notFound }

  public func targetReports() async -> [TargetReport] { [] }

  public func nameStatus() async -> JSONObject? { nil }
}
