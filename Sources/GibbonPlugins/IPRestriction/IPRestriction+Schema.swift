// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension IPRestrictionPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 990, phases: .access,
    schema: PluginSchema(
      "ip-restriction",
      config: [
        .array("allow", of: .ipOrCIDR()),
        .array("deny", of: .ipOrCIDR()),
        .number("status", .notRequired, .between(100, 599)),
        .string("message", .notRequired),
      ],
      protocols: PluginSchema.Protocols(
        allowed: Field.protocolNames, initial: ["http", "https", "tcp", "tls", "grpc", "grpcs"]),
      checks: [.atLeastOneOf(["config.allow", "config.deny"])]))
}
