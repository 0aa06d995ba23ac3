// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension CORSPlugin {
  static let methods = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE", "CONNECT"]

  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 2000, phases: [.access, .headerFilter],
    schema: PluginSchema(
      "cors",
      config: [
        .array("origins", of: .string(.validated(by: .origin))),
        .array("headers", of: .string()),
        .array("exposed_headers", of: .string()),
        .array(
          "methods", of: .string(.oneOf(CORSPlugin.methods)), .default(.array(CORSPlugin.methods.map { .string($0) }))),
        .number("max_age"),
        .boolean("credentials", .required, .default(false)),
        .boolean("private_network", .required, .default(false)),
        .boolean("preflight_continue", .required, .default(false)),
      ],
      forbidding: [.consumer]))
}

extension ValueRule {
  /// `*`, an origin, or an expression that compiles.
  fileprivate static let origin = ValueRule("asterisk_or_regex") { text in
    do {
      _ = try AllowedOrigins.Pattern(text)
      return nil
    } catch {
      return "'\(text)' is not a valid regex"
    }
  }
}
