// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A rule that matches requests and hands them to a service.
public struct Route: Entity, Hashable {
  public static let collection = "routes"

  public var id: EntityID
  public var name: String?
  public var protocols: [GatewayProtocol] = [.http, .https]
  public var httpsRedirectStatusCode = 426
  public var stripPath = true
  public var preserveHost = false
  public var requestBuffering = true
  public var responseBuffering = true
  public var tags: [String] = []
  /// nil: a route without a service answers 503 unless a plugin answers.
  public var service: EntityID?
  public var snis: [String] = []
  public var sources: [StreamAddress] = []
  public var destinations: [StreamAddress] = []
  public var methods: [String] = []
  public var hosts: [String] = []
  /// Plain paths, and regular expressions behind a `~`.
  public var paths: [String] = []
  public var headers: [HeaderValues] = []
  public var regexPriority = 0
  public var pathHandling = PathHandling.v0
  /// In the `expressions` flavor only.
  public var expression: String?
  public var priority = 0
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public enum PathHandling: String, Sendable, Hashable {
    case v0, v1
  }

  /// An address range, a port, or both.
  public struct StreamAddress: Sendable, Hashable {
    /// An address or CIDR range.
    public var ip: String?
    public var port: Int?

    public init(ip: String? = nil, port: Int? = nil) {
      self.ip = ip
      self.port = port
    }
  }

  public init(id: EntityID = .random(), name: String? = nil, service: EntityID? = nil) {
    self.id = id
    self.name = name
    self.service = service
  }

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    self.name = reader.string("name")
    self.protocols = reader.options("protocols")
    self.httpsRedirectStatusCode = reader.int("https_redirect_status_code") ?? 426
    self.stripPath = reader.bool("strip_path") ?? true
    self.preserveHost = reader.bool("preserve_host") ?? false
    self.requestBuffering = reader.bool("request_buffering") ?? true
    self.responseBuffering = reader.bool("response_buffering") ?? true
    self.tags = reader.strings("tags")
    self.service = reader.reference("service")
    self.snis = reader.strings("snis")
    self.sources = reader.array("sources").map(StreamAddress.init(validated:))
    self.destinations = reader.array("destinations").map(StreamAddress.init(validated:))
    self.methods = reader.strings("methods")
    self.hosts = reader.strings("hosts")
    self.paths = reader.strings("paths")
    self.headers = reader.headers("headers")
    self.regexPriority = reader.int("regex_priority") ?? 0
    self.pathHandling = reader.option("path_handling") ?? .v0
    self.expression = reader.string("expression")
    self.priority = reader.int("priority") ?? 0
  }
}

extension Route.StreamAddress {
  fileprivate init(validated value: JSONValue) {
    self.init(ip: value["ip"]?.stringValue, port: value["port"]?.intValue)
  }
}
