// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension HTTPLogPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 12, phases: .log,
    schema: PluginSchema("http-log", config: config, protocols: .all))

  private static let config = RecordSchema(
    [
      .url("http_endpoint", .required, .encrypted, .referenceable),
      .string("method", .default("POST"), .oneOf("POST", "PUT", "PATCH")),
      .string(
        "content_type", .default("application/json"),
        .oneOf("application/json", "application/json; charset=utf-8")),
      .number("timeout", .default(10_000)),
      .number("keepalive", .default(60_000)),
    ] + LegacyQueueParameters.fields(of: "http-log") + [
      .map(
        "headers",
        keys: .headerName(
          "",
          .matchesNone(
            PatternRule("^[Hh][Oo][Ss][Tt]$", "cannot contain 'Host' header"),
            PatternRule(
              "^[Cc][Oo][Nn][Tt][Ee][Nn][Tt]%-[Ll][Ee][nn][Gg][Tt][Hh]$", "cannot contain 'Content-Length' header"),
            PatternRule(
              "^[Cc][Oo][Nn][Tt][Ee][Nn][Tt]%-[Tt][Yy][Pp][Ee]$", "cannot contain 'Content-Type' header"))),
        values: .string(.referenceable)),
      QueueParameters.field,
      CustomFields.field,
    ],
    validators: [credentials])

  private static let credentials = CustomCheck("credentials", fields: ["http_endpoint", "headers"]) { object in
    guard let endpoint = object["http_endpoint"]?.stringValue, LogEndpoint.userInfo(of: endpoint) != nil,
      let headers = object["headers"]?.objectValue, headers.contains(where: { $0.key.lowercased() == "authorization" })
    else { return [] }
    return [
      CheckViolation(
        "specifying both an 'Authorization' header and user info in 'http_endpoint' is not allowed")
    ]
  }
}
