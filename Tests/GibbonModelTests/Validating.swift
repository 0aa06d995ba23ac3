// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import Testing

let registry = EntityRegistry(plugins: [
  PluginSchema(
    "test", config: [.integer("limit", .required), .string("mode", .default("a"))], forbidding: [.consumer]),
  PluginSchema("anywhere", config: [.string("x")], protocols: .all),
])

let someID: JSONValue = "0dc6f45b-8f8d-40d2-a504-473544ee190b"
let reference: JSONValue = ["id": someID]

/// An input as the collection's schema sees it: the complete entity without id and times, or its errors.
func outcome(_ collection: String, _ input: JSONObject, in registry: EntityRegistry = registry) -> String {
  guard let schema = registry.schema(named: collection) else { return "no schema" }
  switch Validator(now: 1_700_000_000).validate(.object(input), as: schema) {
  case .success(let object):
    return JSONValue.object(
      JSONObject(distinct: object.members.filter { !["id", "created_at", "updated_at"].contains($0.key) })
    ).description
  case .failure(let failure): return failure.message
  }
}

/// A typed entity from an input that must be valid.
func entity<Value: Entity>(_ input: JSONObject, as type: Value.Type = Value.self) throws -> Value {
  let schema = try #require(registry.schema(named: Value.collection))
  let object = try Validator(now: 1_700_000_000).validate(.object(input), as: schema).get()
  return try #require(Value(validated: object))
}
