// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension TCPLogPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 7, phases: .log,
    schema: PluginSchema(
      "tcp-log",
      config: [
        .host("host", .required),
        .port("port", .required),
        .number("timeout", .default(10_000)),
        .number("keepalive", .default(60_000)),
        .boolean("tls", .required, .default(false)),
        .string("tls_sni"),
        CustomFields.field,
      ],
      protocols: .all))
}
