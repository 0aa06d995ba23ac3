// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension HMACAuthPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 1030, phases: .access,
    schema: PluginSchema(
      "hmac-auth",
      config: [
        .boolean("hide_credentials", .required, .default(false)),
        .number("clock_skew", .default(300), .greater(than: 0)),
        .string("anonymous"),
        .boolean("validate_request_body", .required, .default(false)),
        .array("enforce_headers", of: .string(), .default([])),
        .array(
          "algorithms", of: .string(.oneOf(HMACAlgorithm.allCases.map(\.rawValue))),
          .default(.array(HMACAlgorithm.allCases.map { .string($0.rawValue) }))),
        .string("realm", .notRequired),
      ],
      forbidding: [.consumer], entities: [credentials],
      migrations: [
        Migration(
          "000_base_hmac_auth",
          [
            .createTable(
              TableLayout(
                "hmacauth_credentials", unique: ["username"],
                references: [.init("consumer", to: "consumers", .cascade)]))
          ])
      ]))

  /// Names and the secrets they sign with. One without a secret gets 32 random letters and digits.
  private static let credentials = EntitySchema(
    "hmacauth_credentials",
    RecordSchema([
      .id,
      .createdAt,
      .foreign("consumer", to: "consumers", .required, .cascade),
      .string("username", .required, .unique),
      .string("secret", .auto),
      .tags,
    ]),
    configure: {
      $0.endpointKey = "username"
      $0.cacheKey = ["username"]
      $0.credentialIdentifier = "username"
      $0.adminPath = EntitySchema.AdminPath("hmac-auths", nested: "hmac-auth")
    })
}
