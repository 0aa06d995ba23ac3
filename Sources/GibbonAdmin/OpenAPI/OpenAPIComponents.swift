// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// The named schemas of the document: each collection as it is read, as it is written, and a page of it.
enum OpenAPIComponents {
  static func schemas(_ registry: EntityRegistry) -> JSONObject {
    var schemas: JSONObject = ["Error": .object(Self.error), "Message": .object(Self.message)]
    for schema in registry.schemas where schema.adminPath != nil {
      let name = Self.name(of: schema)
      schemas[name] = .object(Self.output(schema))
      schemas[name + "Input"] = .object(Self.input(schema))
      schemas[name + "Page"] = .object(Self.page(name))
    }
    for plugin in registry.plugins.values.sorted(by: { $0.name < $1.name }) {
      schemas["PluginConfig.\(plugin.name)"] = .object(JSONSchemaOf.record(plugin.config, isInput: true))
    }
    return schemas
  }

  /// `Service` for `services`, `CaCertificate` for `ca_certificates`.
  static func name(of schema: EntitySchema) -> String {
    let singular = schema.name.hasSuffix("s") ? String(schema.name.dropLast()) : schema.name
    return singular.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  static func reference(_ name: String) -> JSONObject { ["$ref": .string("#/components/schemas/\(name)")] }

  private static func output(_ schema: EntitySchema) -> JSONObject {
    var object = JSONSchemaOf.record(schema.record, isInput: false)
    if schema.hasTTL {
      object.set(["type": ["integer", "null"], "description": "Seconds until it is deleted"], at: ["properties", "ttl"])
      object["required"] = .array((object["required"]?.arrayValue ?? []) + ["ttl"])
    }
    // What a route may have depends on its protocols.
    if schema.name == Route.collection { object["required"] = ["id", "protocols"] }
    return object
  }

  private static func input(_ schema: EntitySchema) -> JSONObject {
    var object = JSONSchemaOf.record(schema.record, isInput: true)
    if schema.hasTTL { object.set(["type": ["integer", "null"], "minimum": 0], at: ["properties", "ttl"]) }
    return object
  }

  private static func page(_ name: String) -> JSONObject {
    [
      "type": "object", "required": ["data", "next"],
      "properties": [
        "data": ["type": "array", "items": .object(Self.reference(name))],
        "next": ["type": ["string", "null"], "description": "The path of the next page"],
        "offset": ["type": "string", "description": "Of the next page; absent on the last"],
      ],
    ]
  }

  private static let error: JSONObject = [
    "type": "object", "required": ["message"],
    "properties": [
      "code": ["type": "integer"], "name": ["type": "string"], "message": ["type": "string"],
      "fields": ["type": "object", "description": "What is wrong, shaped like the entity"],
      "options": ["type": "object"],
    ],
  ]

  private static let message: JSONObject = [
    "type": "object", "required": ["message"], "properties": ["message": ["type": "string"]],
  ]
}
