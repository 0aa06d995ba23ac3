// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// One backend of an upstream.
public struct Target: Entity, Hashable {
  public static let collection = "targets"

  /// The port of a target that names none.
  public static let defaultPort = 8000

  public var id: EntityID
  public var upstream: EntityID
  /// `host:port`, an IPv6 address in brackets.
  public var target: String
  /// 0 keeps the target and sends it nothing.
  public var weight = 100
  public var tags: [String] = []
  /// Unix seconds with milliseconds.
  public var createdAt = 0.0
  public var updatedAt = 0.0

  public init(id: EntityID = .random(), upstream: EntityID, target: String, weight: Int = 100) {
    self.id = id
    self.upstream = upstream
    self.target = target
    self.weight = weight
  }

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.createdAt = reader.double("created_at") ?? 0
    self.updatedAt = reader.double("updated_at") ?? 0
    guard let upstream = reader.reference("upstream"), let target = reader.string("target") else { return nil }
    self.upstream = upstream
    self.target = target
    self.weight = reader.int("weight") ?? 100
    self.tags = reader.strings("tags")
    guard reader.damaged.isEmpty else { return nil }
  }
}

public enum TargetsSchema {
  public static let schema = EntitySchema(
    Target.collection,
    RecordSchema([
      .id,
      .number("created_at", .timestamp, .auto),
      .number("updated_at", .timestamp, .auto),
      .foreign("upstream", to: "upstreams", .required, .cascade),
      .string("target", .required, .validated(by: .target)),
      .integer("weight", .default(100), .between(0, 65535)),
      .tags,
    ]),
    configure: {
      $0.endpointKey = "target"
      $0.cacheKey = ["upstream", "target"]
      $0.adminPath = EntitySchema.AdminPath("targets")
      $0.transformations = [normalization]
    })

  /// Targets are stored as `host:port`.
  private static let normalization = Transformation(input: ["target"]) { values in
    guard case .string(let text)? = values.first, case .success(let address) = HostAddress.parse(text) else {
      return .failure(TransformationError("not a valid hostname or ip address"))
    }
    return .success(["target": .string(address.text(defaultPort: Target.defaultPort))])
  }
}
