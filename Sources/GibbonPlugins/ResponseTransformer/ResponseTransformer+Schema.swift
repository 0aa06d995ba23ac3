// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension ResponseTransformerPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 800, phases: [.access, .headerFilter, .bodyFilter],
    schema: PluginSchema(
      "response-transformer",
      config: [
        .record("remove", [list("json", of: .string()), list("headers", of: .string())]),
        .record("rename", [list("json", of: pair()), list("headers", of: pair(.validated(by: twoNames)))]),
        .record("replace", typed),
        .record("add", typed),
        .record("append", typed),
      ]))

  private static let typed: [Field] = [
    list("json", of: pair()),
    .array(
      "json_types", of: .string(.oneOf("boolean", "number", "string")), .required, .default([]),
      .summary("The types of the values of `json`, one for each, in the same order.")),
    list("headers", of: pair()),
  ]

  private static func list(_ name: String, of element: Field) -> Field {
    .array(name, of: element, .required, .default([]))
  }

  private static func pair(_ options: FieldOption...) -> Field {
    Field("", .string, [.matches("^[^:]+:.*$")] + options)
  }

  private static let twoNames = ValueRule("header_and_header") { NamedValue.headerViolation($0, namesOnly: true) }
}
