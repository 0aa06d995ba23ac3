// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

extension JSONObject {
  /// Adds a value to what a member has, as Kong's transformers do: a text and the value become an array, an array
  /// grows, an object gets the value under the next number; anything else gives way to an array of the value.
  mutating func append(_ value: JSONValue, to name: String) {
    switch self[name] {
    case .string(let text): self[name] = [.string(text), value]
    case .array(let values): self[name] = .array(values + [value])
    case .object(var object) where !object.isEmpty:
      var number = 1
      while object[String(number)] != nil { number += 1 }
      object[String(number)] = value
      self[name] = .object(object)
    default: self[name] = [value]
    }
  }
}
