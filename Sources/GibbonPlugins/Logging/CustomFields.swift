// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import GibbonSchema

/// `custom_fields_by_lua`: values that a plugin's configuration adds to the log, or takes out of it.
struct CustomFields: Sendable {
  private let fields: [(path: String, value: JSONValue?)]

  /// From validated code, by path.
  init(_ code: [String: String]?) {
    self.fields = (code ?? [:]).sorted { $0.key < $1.key }.compactMap { path, code in
      switch LuaConstant(code) {
      case .value(let value): (path, value)
      case .nothing: (path, nil)
      case nil: nil
      }
    }
  }

  static let field: Field = .map(
    "custom_fields_by_lua", keys: .string(.minLength(1)),
    values: .string(.minLength(1), .validated(by: isConstant)))

  private static let isConstant = ValueRule("lua_constant") { code in
    LuaConstant(code) == nil
      ? "Lua code is not available in this version of Gibbon: only 'return' with a constant is, such as "
        + "return \"text\", return 123, return true or return nil" : nil
  }

  /// The request as the log line of a plugin, without a line's end.
  func line(_ context: RequestContext) -> [UInt8] {
    for field in self.fields { context.setLogValue(field.path, field.value) }
    return LogSerializer.line(context)
  }
}
