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
        validators: [CustomCheck("request-termination", fields: bodyFields, violations: bodyViolations)])))
}

private let bodyFields = ["message", "content_type", "body", "echo"]

/// Kong's words.
@Sendable
private func bodyViolations(_ config: JSONObject) -> [CheckViolation] {
  func has(_ name: String) -> Bool { config[name].map { !$0.isNull } ?? false }
  if has("message"), has("content_type") || has("body") {
    return [CheckViolation("message cannot be used with content_type or body")]
  }
  if has("content_type"), !has("body") { return [CheckViolation("content_type requires a body")] }
  if config["echo"]?.boolValue == true, has("content_type") || has("body") {
    return [CheckViolation("echo cannot be used with content_type and body")]
  }
  return []
}
