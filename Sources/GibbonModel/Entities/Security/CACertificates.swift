// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
public import GibbonCore
public import GibbonSchema

/// A certificate authority that upstream servers or clients are checked against.
public struct CACertificate: Entity, Hashable {
  public static let collection = "ca_certificates"

  public var id: EntityID
  /// PEM.
  public var cert: String
  /// Lower-case hexadecimal SHA-256 of the DER form.
  public var digest: String?
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
    guard let cert = reader.string("cert") else { return nil }
    self.cert = cert
    self.digest = reader.string("cert_digest")
    self.tags = reader.strings("tags")
  }
}

public enum CACertificatesSchema {
  public static let schema = EntitySchema(
    CACertificate.collection,
    RecordSchema(
      [
        .id,
        .createdAt,
        .updatedAt,
        .string("cert", .required, .validated(by: .certificate)),
        .string("cert_digest", .unique),
        .tags,
      ], checks: [.custom(single), .custom(CertificateChecks.authority)]),
    configure: {
      $0.isWorkspaceable = false
      $0.adminPath = EntitySchema.AdminPath("ca_certificates")
      $0.transformations = [digest]
    })

  private static let single = CustomCheck("single_certificate", fields: ["cert"]) { object in
    guard case .string(let text)? = object["cert"], let labels = PEMText.labels(in: text), labels.count > 1 else {
      return []
    }
    return [CheckViolation("please submit only one certificate at a time")]
  }

  private static let digest = Transformation(input: ["cert"]) { values in
    guard case .string(let text)? = values.first, let der = PEMText.firstContent(of: text) else {
      return .failure(TransformationError("cannot create digest value of certificate"))
    }
    var hex = ByteBuffer()
    for byte in SHA256.hash(data: der) { hex.append(hex: UInt64(byte), width: 2) }
    return .success(["cert_digest": .string(hex.string)])
  }
}
