// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A cryptographic key, as a JSON Web Key or as a pair of PEM texts.
public struct Key: Entity, Hashable {
  public static let collection = "keys"

  public var id: EntityID
  public var set: EntityID?
  public var name: String?
  public var kid: String
  /// The JSON text of a JSON Web Key.
  public var jwk: String?
  public var privateKey: String?
  public var publicKey: String?
  public var tags: [String] = []
  /// Unix seconds.
  public var createdAt = 0
  public var updatedAt = 0

  public init?(validated object: JSONObject) {
    var reader = FieldReader(object)
    guard let id = reader.id("id") else { return nil }
    self.id = id
    self.set = reader.reference("set")
    self.name = reader.string("name")
    guard let kid = reader.string("kid") else { return nil }
    self.kid = kid
    self.jwk = reader.string("jwk")
    let pem = reader.value("pem")
    self.privateKey = pem?["private_key"]?.stringValue
    self.publicKey = pem?["public_key"]?.stringValue
    self.tags = reader.strings("tags")
    self.createdAt = reader.int("created_at") ?? 0
    self.updatedAt = reader.int("updated_at") ?? 0
  }
}

public enum KeysSchema {
  public static let schema = EntitySchema(
    Key.collection,
    RecordSchema(
      [
        .id,
        .foreign("set", to: "key_sets", .notRequired, .cascade),
        .string("name", .notRequired, .unique),
        .string("kid", .required, .notUnique),
        .string("jwk", .referenceable, .encrypted),
        .record("pem", pem, .optional, .validated(by: pemRule)),
        .tags,
        .createdAt,
        .updatedAt,
      ], checks: [.onlyOneOf(["jwk", "pem"]), .atLeastOneOf(["jwk", "pem"]), .custom(jwk)]),
    configure: {
      $0.endpointKey = "name"
      $0.cacheKey = ["kid", "set"]
      $0.adminPath = EntitySchema.AdminPath("keys")
    })

  private static let pem = RecordSchema(
    [
      .string("private_key", .referenceable, .encrypted),
      .string("public_key", .referenceable),
    ], checks: [.atLeastOneOf(["private_key", "public_key"])])

  /// The structure of the texts; that they belong together is known when they are loaded.
  private static let pemRule = ValueRule("pem") { value in
    for (field, word) in [("public_key", "public"), ("private_key", "private")] {
      guard case .string(let text)? = value[field], !text.isVaultReference else { continue }
      let labels = PEMText.labels(in: text) ?? []
      if !labels.contains(where: { $0.hasSuffix("\(word.uppercased()) KEY") }) { return "could not load \(word) key" }
    }
    return nil
  }

  private static let jwk = CustomCheck("jwk", fields: ["jwk", "pem", "kid"]) { object in
    guard case .string(let text)? = object["jwk"], !text.isVaultReference else { return [] }
    guard case .success(.object(let key)) = JSONParser.parse(text) else {
      return [CheckViolation("could not json decode jwk string")]
    }
    guard key["kid"] == object["kid"] else {
      return [CheckViolation("kid in jwk.kid must be equal to keys.kid")]
    }
    return JWKText.violation(of: key).map { [CheckViolation($0)] } ?? []
  }
}
