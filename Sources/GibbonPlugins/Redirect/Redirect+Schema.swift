// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension RedirectPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 779, phases: .access,
    schema: PluginSchema(
      "redirect",
      config: [
        .integer("status_code", .required, .default(301), .between(100, 599)),
        .url("location", .required),
        .boolean("keep_incoming_path", .default(false)),
      ]))
}
