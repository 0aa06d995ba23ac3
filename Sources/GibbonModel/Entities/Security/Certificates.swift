// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A certificate with its key, and optionally a second pair of another kind of key.
public struct Certificate: Entity, Hashable {
  public static let collection = "certificates"

  public var id: EntityID
  /// PEM, or a reference into a vault.
  public var cert: String
  public var key: String
  public var alternativeCert: String?
  public var alternativeKey: String?
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
    guard let cert = reader.string("cert"), let key = reader.string("key") else { return nil }
    self.cert = cert
    self.key = key
    self.alternativeCert = reader.string("cert_alt")
    self.alternativeKey = reader.string("key_alt")
    self.tags = reader.strings("tags")
  }
}

public enum CertificatesSchema {
  public static let schema = EntitySchema(
    Certificate.collection,
    RecordSchema(
      [
        .id,
        .createdAt,
        .updatedAt,
        .string("cert", .required, .referenceable, .validated(by: .certificate)),
        .string("key", .required, .referenceable, .encrypted, .validated(by: .privateKey)),
        .string("cert_alt", .notRequired, .referenceable, .validated(by: .certificate)),
        .string("key_alt", .notRequired, .referenceable, .encrypted, .validated(by: .privateKey)),
        .tags,
        .array("snis", of: .wildcardHost(), .notRequired, .transient),
      ], checks: [.mutuallyRequired(["cert_alt", "key_alt"]), .custom(CertificateChecks.pairs)]),
    configure: { $0.adminPath = EntitySchema.AdminPath("certificates") })
}
