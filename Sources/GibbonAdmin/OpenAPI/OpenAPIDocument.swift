// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// The Admin API as an OpenAPI 3.1 document, made from the endpoints and schemas that also answer the requests.
enum OpenAPIDocument {
  static func make(_ endpoints: [Endpoint], registry: EntityRegistry, facts: NodeFacts) -> JSONObject {
    let shown = endpoints.filter { endpoint in endpoint.operations.contains { !$0.isRefusal } }
    var paths: JSONObject = [:]
    for endpoint in shown.sorted(by: { $0.path < $1.path }) {
      paths[Self.path(endpoint)] = .object(Self.item(endpoint, registry))
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Gibbon Admin API", "version": .string(facts.version),
        "description": .string("Operates a Gibbon gateway; compatible with Kong's Admin API \(facts.kongVersion)."),
        "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "http://localhost:8001"]],
      "tags": .array(Set(shown.map(\.group)).sorted().map { ["name": .string($0)] }),
      "paths": .object(paths),
      "components": ["schemas": .object(OpenAPIComponents.schemas(registry))],
    ]
  }

  private static func path(_ endpoint: Endpoint) -> String {
    endpoint.path.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
  }

  private static func item(_ endpoint: Endpoint, _ registry: EntityRegistry) -> JSONObject {
    var item: JSONObject = [:]
    if !endpoint.parameters.isEmpty {
      item["parameters"] = .array(endpoint.parameters.map { .object(Self.parameter($0, registry)) })
    }
    for operation in endpoint.operations where !operation.isRefusal {
      item[operation.method.lowercased()] = .object(Self.operation(operation, endpoint))
    }
    return item
  }

  private static func parameter(_ name: String, _ registry: EntityRegistry) -> JSONObject {
    var parameter: JSONObject = [
      "name": .string(name), "in": "path", "required": true, "schema": ["type": "string"],
    ]
    if let schema = registry.schema(named: name) {
      parameter["description"] = .string(schema.endpointKey.map { "id or \($0)" } ?? "id")
    }
    return parameter
  }

  private static func operation(_ operation: Operation, _ endpoint: Endpoint) -> JSONObject {
    var object: JSONObject = [
      "operationId": .string(Self.identifier(operation, endpoint)), "summary": .string(operation.summary),
      "tags": [.string(endpoint.group)],
    ]
    if case .page(let schema) = operation.output { object["parameters"] = .array(Self.pageParameters(schema)) }
    if let schema = Self.schema(of: operation.input, isInput: true) {
      var content: JSONObject = ["application/json": ["schema": .object(schema)]]
      if case .entity = operation.input {
        content["application/x-www-form-urlencoded"] = ["schema": .object(schema)]
      }
      object["requestBody"] = ["content": .object(content)]
    }
    object["responses"] = .object(Self.responses(operation))
    return object
  }

  /// `get_services_services`: method and path, which no two operations share.
  private static func identifier(_ operation: Operation, _ endpoint: Endpoint) -> String {
    let words = endpoint.path.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    return ([operation.method.lowercased()] + words.map(String.init)).joined(separator: "_")
  }

  private static func pageParameters(_ schema: EntitySchema) -> [JSONValue] {
    var parameters: [JSONValue] = [
      [
        "name": "size", "in": "query",
        "schema": [
          "type": "integer", "minimum": 1, "maximum": .int(Int64(Paging.maxSize)),
          "default": .int(Int64(Paging.defaultSize)),
        ],
      ],
      ["name": "offset", "in": "query", "schema": ["type": "string"]],
    ]
    if schema.record.field(named: "tags") != nil {
      parameters.append([
        "name": "tags", "in": "query", "description": "a,b: both; a/b: either", "schema": ["type": "string"],
      ])
    }
    return parameters
  }

  private static func responses(_ operation: Operation) -> JSONObject {
    var success: JSONObject = ["description": "Done"]
    if let schema = Self.schema(of: operation.output, isInput: false) {
      success["content"] = ["application/json": ["schema": .object(schema)]]
    } else if case .text(let type) = operation.output {
      success["content"] = .object([type: ["schema": ["type": "string"]]])
    }
    let failure: JSONObject = [
      "description": "Refused",
      "content": ["application/json": ["schema": .object(OpenAPIComponents.reference("Error"))]],
    ]
    return JSONObject([("\(operation.status)", .object(success)), ("default", .object(failure))])
  }

  private static func schema(of shape: Operation.Shape, isInput: Bool) -> JSONObject? {
    switch shape {
    case .none, .text: nil
    case .message: OpenAPIComponents.reference("Message")
    case .entity(let schema):
      OpenAPIComponents.reference(OpenAPIComponents.name(of: schema) + (isInput ? "Input" : ""))
    case .page(let schema): OpenAPIComponents.reference(OpenAPIComponents.name(of: schema) + "Page")
    case .value(let schema): schema
    }
  }
}
