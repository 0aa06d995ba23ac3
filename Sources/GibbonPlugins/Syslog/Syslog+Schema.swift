// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension SyslogPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 4, phases: .log,
    schema: PluginSchema(
      "syslog",
      config: [
        severity("log_level"),
        severity("successful_severity"),
        severity("client_errors_severity"),
        severity("server_errors_severity"),
        CustomFields.field,
        .string("facility", .required, .default("user"), .oneOf(SyslogFacility.allCases.map(\.rawValue))),
      ],
      protocols: .all))

  private static func severity(_ name: String) -> Field {
    .string(
      name, .required, .default("info"),
      .oneOf("debug", "info", "notice", "warning", "err", "crit", "alert", "emerg"))
  }
}
