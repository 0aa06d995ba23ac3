// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension BasicAuthPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 1100, phases: .access,
    schema: PluginSchema(
      "basic-auth",
      config: [
        .string("anonymous"),
        .boolean("hide_credentials", .required, .default(false)),
        .string("realm", .required, .default("service")),
      ],
      forbidding: [.consumer], entities: [credentials],
      migrations: [
        Migration(
          "000_base_basic_auth",
          [
            .createTable(
              TableLayout(
                "basicauth_credentials", unique: ["username"],
                references: [.init("consumer", to: "consumers", .cascade)]))
          ])
      ]))

  /// Names and passwords. Of a password, only its hash is kept and shown.
  private static let credentials = EntitySchema(
    "basicauth_credentials",
    RecordSchema([
      .id,
      .createdAt,
      .foreign("consumer", to: "consumers", .required, .cascade),
      .string("username", .required, .unique),
      .string("password", .required, .encrypted),
      .tags,
    ]),
    configure: {
      $0.endpointKey = "username"
      $0.cacheKey = ["username"]
      $0.credentialIdentifier = "username"
      $0.adminPath = EntitySchema.AdminPath("basic-auths", nested: "basic-auth")
      $0.transformations = [hashing]
    })

  private static let hashing = Transformation(input: ["password"], needs: ["consumer.id"]) { values in
    guard case .string(let password)? = values.first, case .string(let consumer)? = values.last else {
      return .failure(TransformationError("a password and its consumer are needed"))
    }
    return .success(["password": .string(PasswordHash(password, consumer: consumer).text)])
  }
}
