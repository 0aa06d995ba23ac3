// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension KeyAuthPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 1250, phases: .access,
    schema: PluginSchema(
      "key-auth",
      config: [
        .array("key_names", of: .string(.validated(by: .headerName)), .required, .default(["apikey"])),
        .boolean("hide_credentials", .required, .default(false)),
        .string("anonymous"),
        .boolean("key_in_header", .required, .default(true)),
        .boolean("key_in_query", .required, .default(true)),
        .boolean("key_in_body", .required, .default(false)),
        .boolean("run_on_preflight", .required, .default(true)),
        .string("realm", .notRequired),
      ],
      forbidding: [.consumer], entities: [credentials],
      migrations: [
        Migration(
          "000_base_key_auth",
          [
            .createTable(
              TableLayout(
                "keyauth_credentials", unique: ["key"], references: [.init("consumer", to: "consumers", .cascade)],
                hasTTL: true))
          ])
      ]))

  /// API keys, found by their value. One without a value gets 32 random letters and digits.
  private static let credentials = EntitySchema(
    "keyauth_credentials",
    RecordSchema([
      .id,
      .createdAt,
      .foreign("consumer", to: "consumers", .required, .cascade),
      .string("key", .unique, .auto),
      .tags,
    ]),
    configure: {
      $0.endpointKey = "key"
      $0.cacheKey = ["key"]
      $0.hasTTL = true
      $0.adminPath = EntitySchema.AdminPath("key-auths", nested: "key-auth")
    })
}
