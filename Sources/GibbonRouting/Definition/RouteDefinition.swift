// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// One end of a connection as a route describes it: an address or CIDR block, a port, or both.
public struct RouteNetwork: Sendable, Hashable {
  public var ip: String?
  public var port: Int?

  public init(ip: String? = nil, port: Int? = nil) {
    self.ip = ip
    self.port = port
  }
}

/// What the router needs to know of a route. The empty list of an attribute means "not given".
public struct RouteDefinition: Sendable {
  public var id: EntityID
  public var name: String?

  /// Seconds since 1970; orders equal routes in the traditional flavor.
  public var createdAt: Int
  public var protocols: [String]
  public var methods: [String]
  public var hosts: [String]

  /// Plain prefixes, or regular expressions after a `~`.
  public var paths: [String]

  /// Values by header name, in any case of letters; a value `~*…` is a regular expression.
  public var headers: [String: [String]]
  public var snis: [String]
  public var sources: [RouteNetwork]
  public var destinations: [RouteNetwork]
  public var regexPriority: Int
  public var expression: String?

  /// Orders routes with an expression, 0 to 2^46 - 1.
  public var priority: UInt64

  /// Chosen by the caller, handed back by a match.
  public var handle: Int

  public init(id: EntityID, handle: Int, protocols: [String] = ["http", "https"]) {
    self.id = id
    self.handle = handle
    self.protocols = protocols
    self.name = nil
    self.createdAt = 0
    self.methods = []
    self.hosts = []
    self.paths = []
    self.headers = [:]
    self.snis = []
    self.sources = []
    self.destinations = []
    self.regexPriority = 0
    self.expression = nil
    self.priority = 0
  }

  /// Whether the route is for connections (tcp, udp, tls) and not for HTTP; the first protocol decides.
  public var isStream: Bool {
    switch self.protocols.first {
    case "tcp", "udp", "tls", "tls_passthrough": true
    default: false
    }
  }
}
