// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension BotDetectionPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 2500, phases: .access,
    schema: PluginSchema(
      "bot-detection",
      config: [
        .array("allow", of: .string(.regex), .default([])),
        .array("deny", of: .string(.regex), .default([])),
      ],
      forbidding: [.consumer]))
}
