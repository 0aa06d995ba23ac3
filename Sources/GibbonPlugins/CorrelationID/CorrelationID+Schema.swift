// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension CorrelationIDPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 100_001, phases: [.access, .headerFilter],
    schema: PluginSchema(
      "correlation-id",
      config: [
        .string("header_name", .default("Kong-Request-ID")),
        .string("generator", .required, .default("uuid#counter"), .oneOf("uuid", "uuid#counter", "tracker")),
        .boolean("echo_downstream", .required, .default(false)),
      ]))
}
