// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension JWTPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 1450, phases: .access,
    schema: PluginSchema(
      "jwt",
      config: [
        .set("uri_param_names", of: .string(), .default(["jwt"])),
        .set("cookie_names", of: .string(), .default([])),
        .string("key_claim_name", .default("iss")),
        .boolean("secret_is_base64", .required, .default(false)),
        .set("claims_to_verify", of: .string(.oneOf("exp", "nbf"))),
        .string("anonymous"),
        .boolean("run_on_preflight", .required, .default(true)),
        .number("maximum_expiration", .default(0), .between(0, 31_536_000)),
        .set("header_names", of: .string(), .default(["authorization"])),
        .string("realm", .notRequired),
      ],
      forbidding: [.consumer],
      checks: [
        // A limit on the expiration of tokens that need not expire would be none.
        .when(
          "config.maximum_expiration", .greater(than: 0), require: "config.claims_to_verify", [.contains("exp")])
      ],
      entities: [credentials],
      migrations: [
        Migration(
          "000_base_jwt",
          [
            .createTable(
              TableLayout("jwt_secrets", unique: ["key"], references: [.init("consumer", to: "consumers", .cascade)]))
          ])
      ]))

  /// What tokens name in `key_claim_name`, and how they are signed. Key and secret are made where they are absent.
  private static let credentials = EntitySchema(
    "jwt_secrets",
    RecordSchema(
      [
        .id,
        .createdAt,
        .foreign("consumer", to: "consumers", .required, .cascade),
        .string("key", .unique, .auto),
        .string("secret", .auto),
        .string("rsa_public_key"),
        .string(
          "algorithm", .default(.string(SignatureAlgorithm.initial.rawValue)),
          .oneOf(SignatureAlgorithm.allCases.map(\.rawValue))),
        .tags,
      ],
      checks: [
        .when(
          "algorithm",
          .constraint(.matchesAny(["^RS256$", "^RS384$", "^RS512$", "^PS256$", "^PS384$", "^PS512$", "^EdDSA$"], nil)),
          require: "rsa_public_key", [.required, .validated(by: publicKeyText)])
      ]),
    configure: {
      $0.endpointKey = "key"
      $0.cacheKey = ["key"]
      $0.credentialIdentifier = "key"
      $0.adminPath = EntitySchema.AdminPath("jwts", nested: "jwt")
    })

  private static let publicKeyText = ValueRule("public_key", text: { PublicKey(pem: $0) == nil ? "invalid key" : nil })
}
