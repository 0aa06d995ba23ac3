// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension GRPCGatewayPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 998, phases: [.access, .headerFilter, .bodyFilter],
    schema: PluginSchema(
      "grpc-gateway",
      config: [
        .string(
          "proto", .notRequired,
          .summary("The path of a .proto file whose methods have google.api.http options."))
      ],
      protocols: .all))
}
