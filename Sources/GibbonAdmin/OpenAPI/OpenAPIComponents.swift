// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// The named parts of the document: each collection as it is read, written, changed and listed; configurations of
/// plugins; and failures.
struct OpenAPIComponents: Sendable {
  let registry: EntityRegistry
  /// The collections that some operation writes.
  let written: Set<String>

  init(_ registry: EntityRegistry, endpoints: [Endpoint]) {
    self.registry = registry
    self.written = Set(
      endpoints.flatMap(\.operations).filter { !$0.isRefusal }.compactMap { operation in
        if case .entity(let schema) = operation.input { schema.name } else { nil }
      })
  }

  var schemas: JSONObject {
    var schemas: JSONObject = ["Error": .object(Self.error), "Message": .object(Self.message)]
    for schema in self.registry.schemas where schema.adminPath != nil {
      let name = Self.name(of: schema)
      schemas[name] = .object(self.entity(schema, for: .answer))
      schemas[name + "Page"] = .object(Self.page(name))
      guard self.written.contains(schema.name) else { continue }
      schemas[name + "Input"] = .object(self.entity(schema, for: .input))
      schemas[name + "Patch"] = .object(self.entity(schema, for: .patch))
    }
    let configurations = JSONSchemaTranslation(self.registry, for: .input)
    for plugin in self.registry.plugins.values.sorted(by: { $0.name < $1.name }) {
      schemas["PluginConfig.\(plugin.name)"] = .object(configurations.record(plugin.config))
    }
    return schemas
  }

  /// `Service` for `services`, `CaCertificate` for `ca_certificates`.
  static func name(of schema: EntitySchema) -> String {
    let singular = schema.name.hasSuffix("s") ? String(schema.name.dropLast()) : schema.name
    return singular.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  static func reference(_ name: String) -> JSONObject { ["$ref": .string("#/components/schemas/\(name)")] }

  private func entity(_ schema: EntitySchema, for purpose: JSONSchemaTranslation.Purpose) -> JSONObject {
    var object = JSONSchemaTranslation(self.registry, for: purpose).record(schema.record)
    if schema.hasTTL {
      var lifetime: JSONObject = [
        "type": ["integer", "null"], "minimum": 0, "description": "Seconds until it is deleted",
      ]
      if purpose != .answer { lifetime["maximum"] = 100_000_000 }
      object.set(.object(lifetime), at: ["properties", "ttl"])
      if purpose == .answer { object["required"] = .array((object["required"]?.arrayValue ?? []) + ["ttl"]) }
    }
    if schema.name == PluginEntity.collection {
      object.set("As the plugin has it: PluginConfig.<name>", at: ["properties", "config", "description"])
    }
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
      "code": ["type": "integer", "description": "Kong's number of the kind of error"],
      "name": ["type": "string", "description": "The kind of error"],
      "message": ["type": "string"],
      "fields": ["type": "object", "description": "What is wrong, shaped like the entity"],
      "options": ["type": "object", "description": "What is wrong with options of the request"],
    ],
  ]

  private static let message: JSONObject = [
    "type": "object", "required": ["message"], "properties": ["message": ["type": "string"]],
  ]
}

extension OpenAPIComponents {
  /// How operations fail.
  enum Failure: String, Sendable, CaseIterable {
    case notFound = "NotFound"
    case notAllowed = "NotAllowed"
    case conflict = "Conflict"
    case unsupportedMediaType = "UnsupportedMediaType"
    case other = "Failure"

    /// The key among an operation's responses.
    var status: String {
      switch self {
      case .notFound: "404"
      case .notAllowed: "405"
      case .conflict: "409"
      case .unsupportedMediaType: "415"
      case .other: "default"
      }
    }

    private var text: String {
      switch self {
      case .notFound: "What the path names is not there"
      case .notAllowed: "A gateway without a database is changed by its declarative configuration only"
      case .conflict: "A unique field has a value that another entity has"
      case .unsupportedMediaType: "The body is neither JSON nor a form"
      case .other: "Refused, or failed"
      }
    }

    var reference: JSONObject { ["$ref": .string("#/components/responses/\(self.rawValue)")] }

    fileprivate var response: JSONObject {
      [
        "description": .string(self.text),
        "content": ["application/json": ["schema": .object(OpenAPIComponents.reference("Error"))]],
      ]
    }
  }

  static var responses: JSONObject { JSONObject(Failure.allCases.map { ($0.rawValue, .object($0.response)) }) }
}
