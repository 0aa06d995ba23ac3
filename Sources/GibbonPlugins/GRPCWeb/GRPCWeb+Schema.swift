// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension GRPCWebPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 3, phases: [.access, .headerFilter, .bodyFilter],
    schema: PluginSchema(
      "grpc-web",
      config: [
        .string("proto", .notRequired, .summary("The path of a .proto file, for clients that send JSON.")),
        .boolean("pass_stripped_path", .notRequired),
        .string("allow_origin_header", .notRequired, .default("*")),
      ],
      protocols: .all))
}
