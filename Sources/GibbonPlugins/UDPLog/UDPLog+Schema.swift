// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension UDPLogPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 8, phases: .log,
    schema: PluginSchema(
      "udp-log",
      config: [
        .host("host", .required),
        .port("port", .required),
        .number("timeout", .default(10_000)),
        CustomFields.field,
      ],
      protocols: .all))
}
