// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A server name for which a certificate is shown.
public struct SNI: Entity, Hashable {
  public static let collection = "snis"

  public var id: EntityID
  /// A host name; `*` may stand for its first or last label.
  public var name: String
  public var certificate: EntityID
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id"), let name = reader.string("name") else { return nil }
    self.id = id
    self.name = name
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    self.tags = reader.strings("tags")
    guard let certificate = reader.reference("certificate") else { return nil }
    self.certificate = certificate
  }
}

public enum SNIsSchema {
  public static let schema = EntitySchema(
    SNI.collection,
    RecordSchema([
      .id,
      .wildcardHost("name", .required, .uniqueAcrossWorkspaces),
      .createdAt,
      .updatedAt,
      .tags,
      .foreign("certificate", to: "certificates", .required),
    ]),
    configure: {
      $0.endpointKey = "name"
      $0.adminPath = EntitySchema.AdminPath("snis")
    })
}
