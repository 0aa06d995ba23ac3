// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension RequestTerminationPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 2, phases: .access,
    schema: PluginSchema(
      "request-termination",
      config: RecordSchema(
        [
          .integer("status_code", .required, .default(503), .between(100, 599)),
          .string("message"),
          .string("content_type"),
          .string("body"),
          .boolean("echo", .required, .default(false)),
          .string("trigger", .validated(by: .headerName)),
        ],
        checks: [
          .onlyOneOf(["message", "content_type"]),
          .onlyOneOf(["message", "body"]),
        ])))
}
