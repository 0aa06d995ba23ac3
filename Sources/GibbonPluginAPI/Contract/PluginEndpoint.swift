// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonModel
public import GibbonSchema

/// A path that a plugin adds to the Admin API, and where it says so to the Status API. It is there when the plugin is
/// enabled, whether it is configured anywhere or not.
public struct PluginEndpoint: Sendable {
  public typealias Handler = @Sendable (Request) async throws -> Response

  /// In upper case.
  public let method: String
  /// With `:name` for parameters, such as `/proxy-cache/:cache_key`.
  public let path: String
  /// For the OpenAPI document.
  public let summary: String
  /// Whether the Status API has it too: what changes something does not belong there.
  public let isOnStatusAPI: Bool
  /// Of the body of a success; nil without one.
  public let contentType: String?
  public let handle: Handler

  public init(
    _ method: String, _ path: String, summary: String, contentType: String? = Response.json, onStatusAPI: Bool = false,
    _ handle: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.summary = summary
    self.contentType = contentType
    self.isOnStatusAPI = onStatusAPI
    self.handle = handle
  }

  /// What was asked.
  public struct Request: Sendable {
    /// The path's parameters by name, decoded.
    public let parameters: [String: String]
    /// The node that is asked, now.
    public let node: NodeReport
    /// When it was asked.
    public let unixSeconds: Int
    private let find: Find

    package typealias Find = @Sendable (_ plugin: String) async throws -> [PluginEntity]

    package init(
      parameters: [String: String], node: NodeReport, unixSeconds: Int, find: @escaping Find
    ) {
      self.parameters = parameters
      self.node = node
      self.unixSeconds = unixSeconds
      self.find = find
    }

    /// The entities of a plugin, those that are switched off too.
    ///
    /// - Throws: when the datastore does not answer.
    public func entities(of plugin: String) async throws -> [PluginEntity] { try await self.find(plugin) }
  }

  /// What is answered.
  public struct Response: Sendable {
    public static let json = "application/json; charset=utf-8"

    public let status: Int
    public let contentType: String?
    public let body: [UInt8]

    public init(status: Int = 200, contentType: String? = nil, body: [UInt8] = []) {
      self.status = status
      self.contentType = contentType
      self.body = body
    }

    public init(status: Int = 200, _ value: JSONValue) {
      self.init(status: status, contentType: Self.json, body: value.serialized())
    }

    public static func message(_ text: String, status: Int) -> Response {
      Response(status: status, ["message": .string(text)])
    }
  }
}

/// How a node is at a moment.
public struct NodeReport: Sendable {
  public let nodeID: EntityID
  public let hostname: String
  /// The Kong level whose behaviour this is.
  public let kongVersion: String
  public let processID: Int
  /// Connections of clients to the proxy that are open, and all there ever were.
  public let activeConnections: Int
  public let acceptedConnections: Int
  /// Requests to the proxy since the start.
  public let requests: Int
  /// Whether the datastore answers; nil without one.
  public let isDatastoreReachable: Bool?
  /// The process's resident memory.
  public let residentBytes: Int
  /// Addresses of the targets of all upstreams.
  public let targets: [TargetReport]

  package init(
    nodeID: EntityID, hostname: String, kongVersion: String, processID: Int, activeConnections: Int,
    acceptedConnections: Int, requests: Int, isDatastoreReachable: Bool?, residentBytes: Int,
    targets: [TargetReport] = []
  ) {
    self.nodeID = nodeID
    self.hostname = hostname
    self.kongVersion = kongVersion
    self.processID = processID
    self.activeConnections = activeConnections
    self.acceptedConnections = acceptedConnections
    self.requests = requests
    self.isDatastoreReachable = isDatastoreReachable
    self.residentBytes = residentBytes
    self.targets = targets
  }
}

/// How an address of a target is on this node.
public struct TargetReport: Sendable {
  public enum Health: String, Sendable, CaseIterable {
    case healthchecksOff = "healthchecks_off"
    case healthy, unhealthy
    case dnsError = "dns_error"
  }

  public let upstream: String
  /// `host:port`
  public let target: String
  /// `ip:port`; empty for a target without addresses.
  public let address: String
  public let health: Health

  package init(upstream: String, target: String, address: String, health: Health) {
    self.upstream = upstream
    self.target = target
    self.address = address
    self.health = health
  }
}
