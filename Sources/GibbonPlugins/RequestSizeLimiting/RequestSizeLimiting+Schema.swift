// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension RequestSizeLimitingPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 951, phases: .access,
    schema: PluginSchema(
      "request-size-limiting",
      config: [
        .integer("allowed_payload_size", .default(128)),
        .string(
          "size_unit", .required, .default("megabytes"), .oneOf(["megabytes", "kilobytes", "bytes"])),
        .boolean("require_content_length", .required, .default(false)),
      ]))
}
