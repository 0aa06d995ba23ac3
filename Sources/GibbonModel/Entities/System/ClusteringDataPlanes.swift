// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A data plane that a control plane has seen. Written by the control plane only.
public struct ClusteringDataPlane: Entity, Hashable {
  public static let collection = "clustering_data_planes"

  public var id: EntityID
  public var lastSeen: Int?
  public var ip: String
  /// 32 hexadecimal digits.
  public var configHash: String?
  public var hostname: String
  public var version: String?
  public var syncStatus: String
  public var updatedAt = 0

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.lastSeen = reader.int("last_seen")
    self.updatedAt = reader.int("updated_at") ?? 0
    guard let ip = reader.string("ip") else { return nil }
    self.ip = ip
    self.configHash = reader.string("config_hash")
    guard let hostname = reader.string("hostname") else { return nil }
    self.hostname = hostname
    self.version = reader.string("version")
    self.syncStatus = reader.string("sync_status") ?? "unknown"
  }
}

public enum ClusteringDataPlanesSchema {
  public static let schema = EntitySchema(
    ClusteringDataPlane.collection, RecordSchema(fields),
    configure: {
      $0.isWorkspaceable = false
      $0.hasTTL = true
      $0.isExported = false
    })

  private static let fields: [Field] = [
    Field.id.with(.required),
    .integer("last_seen", .timestamp, .auto),
    .updatedAt,
    .string("ip", .required, .validated(by: .ip)),
    .string("config_hash", .length(32)),
    .host("hostname", .required),
    .string(
      "version",
      .matchesAny(["^%d+[%.%d]*$", "^%d+[%.%d]*%-?.*$"], "invalid version number: must be in format of X.Y.Z"),
      .matchesNone(PatternRule("%.%.", "must not have empty version segments"))),
    .string(
      "sync_status", .required, .default("unknown"),
      .oneOf(
        "unknown", "normal", "kong_version_incompatible", "plugin_set_incompatible", "plugin_version_incompatible",
        "filter_set_incompatible")),
    .map("labels", keys: .string(), values: .string()),
    .record("cert_details", [.number("expiry_timestamp", .timestamp)]),
    .set("rpc_capabilities", of: .string()),
  ]
}
