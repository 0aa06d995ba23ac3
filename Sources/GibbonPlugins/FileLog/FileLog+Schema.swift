// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension FileLogPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 9, phases: .log,
    schema: PluginSchema(
      "file-log",
      config: [
        .string("path", .required, .matches("^[^*&%%\\`]+$"), .message("not a valid filename")),
        .boolean("reopen", .required, .default(false)),
        CustomFields.field,
      ],
      protocols: .all))
}
