// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonPluginAPI
public import GibbonSchema
public import GibbonStore

/// What the API asks of the gateway that it administers.
public protocol AdminNode: Sendable {
  /// What does not change while it runs.
  var facts: NodeFacts { get }

  /// Every property with its value, secrets hidden.
  var configuration: JSONObject { get }

  /// Counts of the proxy's connections and requests.
  func traffic() async -> TrafficCounts

  /// The configuration that is served.
  func served() async -> ServedConfiguration

  /// Whether the datastore answers; nil without one.
  func isDatastoreReachable() async -> Bool?

  /// In what way the datastore answers less than it should, as far as is known already; nil: in none.
  func datastoreCondition() async -> String?

  /// Why requests should not be sent here yet, or any more; nil when they should.
  func unreadiness() async -> String?

  /// From now on requests should go elsewhere; those that come are served.
  func beginDraining() async

  /// Takes back what `beginDraining` said.
  func endDraining() async

  var logLevel: String { get }

  /// Sets the level of the error log.
  ///
  /// - Parameter seconds: after which the old level is back.
  /// - Returns: false for a level that does not exist.
  func setLogLevel(_ level: String, seconds: Double) async -> Bool

  /// What caches hold under a key, for people: credentials by `collection:key`.
  func cached(_ key: String) async -> JSONValue?
  /// Forgets one entry, or all.
  func forgetCached(_ key: String?) async

  /// Makes a declarative configuration the one that is served, in place of the last.
  func load(_ configuration: DeclarativeConfiguration) async throws

  /// Runs a long calculation where it takes nothing from the traffic.
  func unhurried<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value

  /// How an upstream is here; nil when it is not known.
  func upstreamStatus(_ id: EntityID) async -> UpstreamStatus?

  /// - Parameter address: one address of the target; nil for all.
  func setHealth(
    ofUpstream id: EntityID, target: String, address: String?, isHealthy: Bool
  ) async -> UpstreamHealthOutcome

  /// Addresses of the targets of all upstreams, for metrics.
  func targetReports() async -> [TargetReport]

  /// What is known of names; nil where Kong's first DNS client is asked for, which tells nothing.
  func nameStatus() async -> JSONObject?

  /// Which route a request would take, and why not the others.
  func explain(_ request: ExplainRequest) async -> JSONObject
}

extension AdminNode {
  public func datastoreCondition() async -> String? { nil }
  public func endDraining() async {}
}

/// A node's own properties.
public struct NodeFacts: Sendable {
  public var nodeID: EntityID
  public var hostname: String
  /// Of Gibbon.
  public var version: String
  /// The Kong level whose API this is.
  public var kongVersion: String
  public var processID: Int
  public var workers: Int
  /// Plugins that may be configured.
  public var plugins: [(name: String, version: String, priority: Int)]
  /// `Server` and `X-Kong-Admin-Latency` in answers.
  public var showsServer: Bool
  public var showsLatency: Bool
  /// What connections to its APIs may cost.
  public var serverLimits: ServerLimits
  /// URLs of the web pages that may call its APIs, such as the web manager's.
  public var allowedOrigins: [String]
  /// Names and addresses, besides those of the loopback, by which its APIs may be called.
  public var allowedHosts: [String]

  public init(nodeID: EntityID, hostname: String, version: String, kongVersion: String) {
    self.nodeID = nodeID
    self.hostname = hostname
    self.version = version
    self.kongVersion = kongVersion
    self.processID = 0
    self.workers = 1
    self.plugins = []
    self.showsServer = true
    self.showsLatency = true
    self.serverLimits = ServerLimits()
    self.allowedOrigins = []
    self.allowedHosts = []
  }
}

public struct TrafficCounts: Sendable, Hashable {
  public var activeConnections: Int
  public var acceptedConnections: Int
  public var requests: Int

  public init(activeConnections: Int, acceptedConnections: Int, requests: Int) {
    self.activeConnections = activeConnections
    self.acceptedConnections = acceptedConnections
    self.requests = requests
  }
}

/// Which configuration a node serves.
public struct ServedConfiguration: Sendable, Hashable {
  /// 32 hexadecimal digits; zeros for none.
  public var hash: String
  /// Of the datastore; nil without one.
  public var revision: Revision?
  /// Since when, in Unix seconds.
  public var since: Double

  public init(hash: String, revision: Revision?, since: Double) {
    self.hash = hash
    self.revision = revision
    self.since = since
  }

  public static let emptyHash = String(repeating: "0", count: 32)

  /// Whether there is no configuration at all.
  public var isEmpty: Bool { self.hash == Self.emptyHash }
}

/// A request that is only imagined.
public struct ExplainRequest: Sendable {
  public var method: String
  /// `http://host:port/path?query`
  public var url: String
  public var headers: [(name: String, value: String)]
  public var sni: String?

  public init(method: String, url: String, headers: [(name: String, value: String)] = [], sni: String? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
    self.sni = sni
  }
}
