// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// An upstream API: where requests go.
public struct Service: Entity, Hashable {
  public static let collection = "services"

  public var id: EntityID
  public var name: String?
  /// Attempts after the first failure to connect.
  public var retries = 5
  public var `protocol` = GatewayProtocol.http
  /// A host name, an address, or the name of an upstream.
  public var host: String
  public var port = 80
  public var path: String?
  public var connectTimeoutMilliseconds = 60_000
  public var writeTimeoutMilliseconds = 60_000
  public var readTimeoutMilliseconds = 60_000
  public var clientCertificate: EntityID?
  /// nil: as the gateway's configuration says.
  public var tlsVerify: Bool?
  public var tlsVerifyDepth: Int?
  public var caCertificates: [EntityID] = []
  /// Routes of a service that is not enabled do not match.
  public var isEnabled = true
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init(id: EntityID = .random(), name: String? = nil, host: String, port: Int = 80) {
    self.id = id
    self.name = name
    self.host = host
    self.port = port
  }

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    self.name = reader.string("name")
    self.retries = reader.int("retries") ?? 5
    self.protocol = reader.option("protocol") ?? .http
    guard let host = reader.string("host") else { return nil }
    self.host = host
    self.port = reader.int("port") ?? 80
    self.path = reader.string("path")
    self.connectTimeoutMilliseconds = reader.int("connect_timeout") ?? 60_000
    self.writeTimeoutMilliseconds = reader.int("write_timeout") ?? 60_000
    self.readTimeoutMilliseconds = reader.int("read_timeout") ?? 60_000
    self.tags = reader.strings("tags")
    self.clientCertificate = reader.reference("client_certificate")
    self.tlsVerify = reader.bool("tls_verify")
    self.tlsVerifyDepth = reader.int("tls_verify_depth")
    self.caCertificates = reader.strings("ca_certificates").compactMap { EntityID(uuid: $0) }
    self.isEnabled = reader.bool("enabled") ?? true
    guard reader.damaged.isEmpty else { return nil }
  }
}

public enum ServicesSchema {
  public static let schema = EntitySchema(
    Service.collection, RecordSchema(fields, checks: checks, shorthands: [url]),
    configure: {
      $0.endpointKey = "name"
      $0.adminPath = EntitySchema.AdminPath("services")
    })

  static let fields: [Field] = [
    .id,
    .createdAt,
    .updatedAt,
    .utf8Name("name"),
    .integer("retries", .default(5), .between(0, 32767)),
    .protocolName("protocol", .required, .default("http")),
    .host("host", .required),
    .port("port", .required, .default(80)),
    .path("path"),
    Self.timeout("connect_timeout"),
    Self.timeout("write_timeout"),
    Self.timeout("read_timeout"),
    .tags,
    .foreign("client_certificate", to: "certificates"),
    .boolean("tls_verify"),
    .integer("tls_verify_depth", .default(.null), .between(0, 64)),
    .array("ca_certificates", of: .string(.uuid)),
    .boolean("enabled", .required, .default(true)),
  ]

  private static func timeout(_ name: String) -> Field {
    .integer(name, .default(60_000), .between(1, Field.maxTimeoutMilliseconds))
  }

  private static let checks: [EntityCheck] =
    [
      .when("protocol", .oneOf("tcp", "tls", "udp", "grpc", "grpcs"), require: "path", [.mustBeNull])
    ]
    + ["client_certificate", "tls_verify", "tls_verify_depth", "ca_certificates"].map { field in
      .when("protocol", .notOneOf("https", "tls"), require: field, [.mustBeNull])
    }

  /// `url` stands for protocol, host, port and path.
  private static let url = Shorthand(.string("url")) { value in
    guard case .string(let text) = value else { return [:] }
    let url = URLParts(text)
    let port = url.port.flatMap { Int($0) }
    let schemeOfPort = port == 443 ? "https" : "http"
    let scheme = url.scheme ?? schemeOfPort
    let defaultPort = scheme == "https" ? 443 : 80
    // A port that is no number is passed on, to fail where it belongs.
    let portValue: JSONValue =
      port.map { .int(Int64($0)) } ?? url.port.map { .string($0) } ?? .int(Int64(defaultPort))
    return [
      "protocol": .string(scheme),
      "host": url.host.map { .string($0) } ?? .null,
      "port": portValue,
      "path": url.path.map { .string($0) } ?? .null,
    ]
  }
}
