// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A rule that matches requests and hands them to a service.
///
/// A value of one reference: tables of many routes are copied from load to load, and each copy of the fields would
/// count eleven references. Setting a field copies them.
public struct Route: Entity, Hashable {
  public static let collection = "routes"
  /// One array for all routes that do not say otherwise.
  static let defaultProtocols: [GatewayProtocol] = [.http, .https]

  private var contents: Contents

  public init(id: EntityID = .random(), name: String? = nil, service: EntityID? = nil) {
    self.contents = Contents(Fields(id: id, name: name, service: service))
  }

  public init?(validated object: JSONObject) {
    guard let (fields, damaged) = Fields.read(object), damaged.isEmpty else { return nil }
    self.contents = Contents(fields)
  }

  /// What can be read of a route that is damaged, where that is all that decides which requests it matches.
  public init?(damaged object: JSONObject) {
    guard let (fields, damaged) = Fields.read(object), damaged.isDisjoint(with: Self.rules) else { return nil }
    self.contents = Contents(fields)
  }

  private static let rules: Set<String> = [
    "protocols", "snis", "sources", "destinations", "methods", "hosts", "paths", "headers", "regex_priority",
    "expression", "priority",
  ]

  struct Fields: Sendable, Hashable {
    var id: EntityID
    var name: String?
    var protocols: [GatewayProtocol] = Route.defaultProtocols
    var httpsRedirectStatusCode: Int = 426
    var stripPath: Bool = true
    var preserveHost: Bool = false
    var requestBuffering: Bool = true
    var responseBuffering: Bool = true
    var tags: [String] = []
    var service: EntityID?
    var snis: [String] = []
    var sources: [StreamAddress] = []
    var destinations: [StreamAddress] = []
    var methods: [String] = []
    var hosts: [String] = []
    var paths: [String] = []
    var headers: [HeaderValues] = []
    var regexPriority: Int = 0
    var pathHandling: PathHandling = .v0
    var expression: String?
    var priority: Int = 0
    var createdAt: Int = 0
    var updatedAt: Int = 0
  }

  private final class Contents: Sendable {
    let fields: Fields

    init(_ fields: Fields) { self.fields = fields }
  }

  private var fields: Fields {
    get { self.contents.fields }
    set { self.contents = Contents(newValue) }
  }

  public static func == (left: Route, right: Route) -> Bool {
    left.contents === right.contents || left.fields == right.fields
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(self.fields) }

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
}

extension Route {
  public var id: EntityID {
    get { self.contents.fields.id }
    set { self.fields.id = newValue }
  }
  public var name: String? {
    get { self.contents.fields.name }
    set { self.fields.name = newValue }
  }
  public var protocols: [GatewayProtocol] {
    get { self.contents.fields.protocols }
    set { self.fields.protocols = newValue }
  }
  public var httpsRedirectStatusCode: Int {
    get { self.contents.fields.httpsRedirectStatusCode }
    set { self.fields.httpsRedirectStatusCode = newValue }
  }
  public var stripPath: Bool {
    get { self.contents.fields.stripPath }
    set { self.fields.stripPath = newValue }
  }
  public var preserveHost: Bool {
    get { self.contents.fields.preserveHost }
    set { self.fields.preserveHost = newValue }
  }
  public var requestBuffering: Bool {
    get { self.contents.fields.requestBuffering }
    set { self.fields.requestBuffering = newValue }
  }
  public var responseBuffering: Bool {
    get { self.contents.fields.responseBuffering }
    set { self.fields.responseBuffering = newValue }
  }
  public var tags: [String] {
    get { self.contents.fields.tags }
    set { self.fields.tags = newValue }
  }
  /// nil: a route without a service answers 503 unless a plugin answers.
  public var service: EntityID? {
    get { self.contents.fields.service }
    set { self.fields.service = newValue }
  }
  public var snis: [String] {
    get { self.contents.fields.snis }
    set { self.fields.snis = newValue }
  }
  public var sources: [StreamAddress] {
    get { self.contents.fields.sources }
    set { self.fields.sources = newValue }
  }
  public var destinations: [StreamAddress] {
    get { self.contents.fields.destinations }
    set { self.fields.destinations = newValue }
  }
  public var methods: [String] {
    get { self.contents.fields.methods }
    set { self.fields.methods = newValue }
  }
  public var hosts: [String] {
    get { self.contents.fields.hosts }
    set { self.fields.hosts = newValue }
  }
  /// Plain paths, and regular expressions behind a `~`.
  public var paths: [String] {
    get { self.contents.fields.paths }
    set { self.fields.paths = newValue }
  }
  public var headers: [HeaderValues] {
    get { self.contents.fields.headers }
    set { self.fields.headers = newValue }
  }
  public var regexPriority: Int {
    get { self.contents.fields.regexPriority }
    set { self.fields.regexPriority = newValue }
  }
  public var pathHandling: PathHandling {
    get { self.contents.fields.pathHandling }
    set { self.fields.pathHandling = newValue }
  }
  /// In the `expressions` flavor only.
  public var expression: String? {
    get { self.contents.fields.expression }
    set { self.fields.expression = newValue }
  }
  public var priority: Int {
    get { self.contents.fields.priority }
    set { self.fields.priority = newValue }
  }
  /// Unix seconds.
  public var createdAt: Int {
    get { self.contents.fields.createdAt }
    set { self.fields.createdAt = newValue }
  }
  public var updatedAt: Int {
    get { self.contents.fields.updatedAt }
    set { self.fields.updatedAt = newValue }
  }
}

extension Route.Fields {
  /// - Returns: the fields, and the names of those that cannot be read; nil where the id is one of them.
  fileprivate static func read(_ object: JSONObject) -> (fields: Self, damaged: Set<String>)? {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    let fields = Self(id: id, &reader)
    return (fields, reader.damaged)
  }

  private init(id: EntityID, _ reader: inout FieldReader) {
    self.id = id
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    self.name = reader.string("name")
    let protocols: [GatewayProtocol] = reader.options("protocols")
    if protocols != self.protocols { self.protocols = protocols }
    self.httpsRedirectStatusCode = reader.int("https_redirect_status_code") ?? 426
    self.stripPath = reader.bool("strip_path") ?? true
    self.preserveHost = reader.bool("preserve_host") ?? false
    self.requestBuffering = reader.bool("request_buffering") ?? true
    self.responseBuffering = reader.bool("response_buffering") ?? true
    self.tags = reader.strings("tags")
    self.service = reader.reference("service")
    self.snis = reader.strings("snis")
    self.sources = reader.array("sources").map(Route.StreamAddress.init(validated:))
    self.destinations = reader.array("destinations").map(Route.StreamAddress.init(validated:))
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
