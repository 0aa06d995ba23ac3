// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension RequestTransformerPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 801, phases: .access,
    schema: PluginSchema(
      "request-transformer",
      config: [
        .string("http_method", .matches("^%u+$")),
        .record("remove", fields(body: .string(), headers: .string(.validated(by: headerName)))),
        .record("rename", fields(body: pair, headers: headerPair(newName))),
        .record(
          "replace", fields(body: pair, headers: headerPair(headerValue)) + [.string("uri", .validated(by: template))]),
        .record("add", fields(body: pair, headers: headerPair(headerValue))),
        .record("append", fields(body: pair, headers: headerPair(headerValue))),
      ], protocols: .all))

  private static func fields(body element: Field, headers: Field) -> [Field] {
    [
      .array("body", of: element, .required, .default([])),
      .array("headers", of: headers, .required, .default([])),
      .array("querystring", of: element, .required, .default([])),
    ]
  }

  private static let pair: Field = .string(.validated(by: named))

  private static func headerPair(_ rule: ValueRule) -> Field {
    .string(.matches("^[^:]+:.*$"), .validated(by: rule))
  }

  private static let named = ValueRule("name_and_value") { text in
    let pair = NamedValue(text)
    guard !pair.name.isEmpty, let value = pair.value else { return "key '\(pair.name)' has no value" }
    return violation(ofTemplate: value)
  }

  private static let headerName = ValueRule("header") { NamedValue.headerViolation($0, namesOnly: false) }

  private static let newName = ValueRule("header_and_header") { NamedValue.headerViolation($0, namesOnly: true) }

  private static let headerValue = ValueRule("header_and_value") { text in
    NamedValue.headerViolation(text, namesOnly: false) ?? NamedValue(text).value.flatMap(violation(ofTemplate:))
  }

  private static let template = ValueRule("template", text: violation(ofTemplate:))

  /// Kong refuses what is no Lua; what of Lua has no counterpart here is refused too.
  @Sendable
  private static func violation(ofTemplate value: String) -> String? {
    do {
      _ = try Template(value)
      return nil
    } catch {
      return "value '\(value)' is not in supported format, error:\(error)"
    }
  }
}
