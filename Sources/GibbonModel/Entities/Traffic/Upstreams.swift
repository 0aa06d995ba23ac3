// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A virtual host name whose requests are spread over targets.
public struct Upstream: Entity, Hashable {
  public static let collection = "upstreams"

  public var id: EntityID
  public var name: String
  public var algorithm = Algorithm.roundRobin
  public var hashOn = HashInput.none
  public var hashFallback = HashInput.none
  public var hashOnHeader: String?
  public var hashFallbackHeader: String?
  public var hashOnCookie: String?
  public var hashOnCookiePath = "/"
  public var hashOnQueryArg: String?
  public var hashFallbackQueryArg: String?
  public var hashOnURICapture: String?
  public var hashFallbackURICapture: String?
  public var slots = 10_000
  public var healthchecks = Healthchecks()
  public var tags: [String] = []
  public var hostHeader: String?
  public var clientCertificate: EntityID?
  public var useSRVName = false
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public enum Algorithm: String, Sendable, Hashable, CaseIterable {
    case consistentHashing = "consistent-hashing"
    case leastConnections = "least-connections"
    case roundRobin = "round-robin"
    case latency
  }

  /// What of a request consistent hashing looks at.
  public enum HashInput: String, Sendable, Hashable, CaseIterable {
    case none, consumer, ip, header, cookie, path
    case queryArg = "query_arg"
    case uriCapture = "uri_capture"
  }

  public init(id: EntityID = .random(), name: String) {
    self.id = id
    self.name = name
  }

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.createdAt = reader.int("created_at") ?? 0
    guard let name = reader.string("name") else { return nil }
    self.name = name
    self.updatedAt = reader.int("updated_at") ?? 0
    self.algorithm = reader.option("algorithm") ?? .roundRobin
    self.hashOn = reader.option("hash_on") ?? .none
    self.hashFallback = reader.option("hash_fallback") ?? .none
    self.hashOnHeader = reader.string("hash_on_header")
    self.hashFallbackHeader = reader.string("hash_fallback_header")
    self.hashOnCookie = reader.string("hash_on_cookie")
    self.hashOnCookiePath = reader.string("hash_on_cookie_path") ?? "/"
    self.hashOnQueryArg = reader.string("hash_on_query_arg")
    self.hashFallbackQueryArg = reader.string("hash_fallback_query_arg")
    self.hashOnURICapture = reader.string("hash_on_uri_capture")
    self.hashFallbackURICapture = reader.string("hash_fallback_uri_capture")
    self.slots = reader.int("slots") ?? 10_000
    self.healthchecks = Healthchecks(validated: reader.object("healthchecks") ?? [:])
    self.tags = reader.strings("tags")
    self.hostHeader = reader.string("host_header")
    self.clientCertificate = reader.reference("client_certificate")
    self.useSRVName = reader.bool("use_srv_name") ?? false
    guard reader.damaged.isEmpty else { return nil }
  }
}
