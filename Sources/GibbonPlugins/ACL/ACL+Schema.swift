// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension ACLPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 950, phases: .access,
    schema: PluginSchema(
      "acl",
      config: [
        .array("allow", of: .string()),
        .array("deny", of: .string()),
        .boolean("hide_groups_header", .required, .default(false)),
        .boolean("always_use_authenticated_groups", .required, .default(false)),
      ],
      forbidding: [.consumer],
      checks: [.exactlyOneOf(["config.allow", "config.deny"]), .atLeastOneOf(["config.allow", "config.deny"])],
      entities: [groups],
      migrations: [
        Migration(
          "000_base_acl",
          [
            .createTable(
              TableLayout(
                "acls", references: [.init("consumer", to: "consumers", .cascade)],
                compositeKey: ["consumer", "group"]))
          ])
      ]))

  /// That a consumer is in a group. Groups are their names, and nothing else.
  private static let groups = EntitySchema(
    "acls",
    RecordSchema([
      .id,
      .createdAt,
      .foreign("consumer", to: "consumers", .required, .cascade),
      .string("group", .required),
      .tags,
    ]),
    configure: {
      $0.cacheKey = ["consumer", "group"]
      $0.nestedKey = "group"
      $0.adminPath = EntitySchema.AdminPath("acls")
    })
}
