// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// Values as Lua writes them, which is how Kong shows them in messages: `{id="…",name="x"}`.
public enum LuaLiteral {
  /// Keys are sorted, so that equal values give equal texts.
  public static func text(_ value: JSONValue) -> String { LuaValue(value).compact }
}
