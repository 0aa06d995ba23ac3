// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// One endpoint as a path of the document.
struct OpenAPIPath: Sendable {
  let endpoint: Endpoint
  let registry: EntityRegistry

  /// The path with parameters in braces.
  var template: String {
    self.endpoint.path.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
  }

  /// Its operations, but for those that are always refused.
  var item: JSONObject {
    var item: JSONObject = [:]
    if !self.endpoint.parameters.isEmpty {
      item["parameters"] = .array(self.endpoint.parameters.map { .object(self.parameter($0)) })
    }
    for operation in self.endpoint.operations where !operation.isRefusal {
      item[operation.method.lowercased()] = .object(self.object(operation))
    }
    return item
  }

  private func parameter(_ name: String) -> JSONObject {
    let schema = self.registry.schema(named: name)
    let text = schema.map { OpenAPITexts.address($0, in: self.endpoint) } ?? OpenAPITexts.parameter(name)
    return [
      "name": .string(name), "in": "path", "required": true, "description": .string(text),
      "schema": ["type": "string"],
    ]
  }

  private func object(_ operation: Operation) -> JSONObject {
    var object: JSONObject = [
      "operationId": .string(self.identifier(operation)), "summary": .string(operation.summary),
      "tags": [.string(self.endpoint.group)],
    ]
    if case .page(let schema) = operation.output { object["parameters"] = .array(self.pageParameters(schema)) }
    if let body = self.body(operation) { object["requestBody"] = .object(body) }
    object["responses"] = .object(self.responses(operation))
    return object
  }

  /// `get_services_services`: method and path, which no two operations share.
  private func identifier(_ operation: Operation) -> String {
    let words = self.endpoint.path.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    return ([operation.method.lowercased()] + words.map(String.init)).joined(separator: "_")
  }

  private func pageParameters(_ schema: EntitySchema) -> [JSONValue] {
    var parameters: [JSONValue] = [
      [
        "name": "size", "in": "query", "description": "How many entities a page has at most",
        "schema": [
          "type": "integer", "minimum": 1, "maximum": .int(Int64(Paging.maxSize)),
          "default": .int(Int64(Paging.defaultSize)),
        ],
      ],
      [
        "name": "offset", "in": "query", "description": "Where the page begins: the offset of the page before",
        "schema": ["type": "string"],
      ],
    ]
    // The lists under a parent check it and do not use it, as in Kong.
    if self.endpoint.parameters.isEmpty, schema.record.field(named: "tags") != nil {
      parameters.append([
        "name": "tags", "in": "query", "description": "Only entities with these tags: a,b for both; a/b for either",
        "schema": ["type": "string"],
      ])
    }
    return parameters
  }

  private func body(_ operation: Operation) -> JSONObject? {
    guard let schema = self.schema(of: operation.input, writtenBy: operation.method) else { return nil }
    var content: JSONObject = ["application/json": ["schema": .object(schema)]]
    var body: JSONObject = [:]
    if case .entity(let entity) = operation.input {
      content["application/x-www-form-urlencoded"] = ["schema": .object(schema)]
      let input = JSONSchemaTranslation(self.registry, for: .input).record(entity.record)
      let isNeeded = input["required"] != nil || input["anyOf"] != nil
      if operation.method != "PATCH", isNeeded { body["required"] = true }
    }
    body["content"] = .object(content)
    return body
  }

  private func responses(_ operation: Operation) -> JSONObject {
    var success: JSONObject = ["description": .string(operation.status == 201 ? "Created" : "Done")]
    if let schema = self.schema(of: operation.output) {
      success["content"] = ["application/json": ["schema": .object(schema)]]
    } else if case .text(let type) = operation.output {
      success["content"] = .object([type: ["schema": ["type": "string"]]])
    }
    var responses = JSONObject([("\(operation.status)", .object(success))])
    for failure in self.failures(operation) { responses[failure.status] = .object(failure.reference) }
    return responses
  }

  private func failures(_ operation: Operation) -> [OpenAPIComponents.Failure] {
    let hasEntity = if case .entity = operation.input { true } else { false }
    let isOfCollection = self.registry.schema(named: self.endpoint.group) != nil
    var failures: [OpenAPIComponents.Failure] = []
    if self.mayBeMissing(operation) { failures.append(.notFound) }
    if hasEntity || (isOfCollection && operation.method == "DELETE") { failures.append(.notAllowed) }
    if hasEntity { failures.append(.conflict) }
    if ["POST", "PUT", "PATCH"].contains(operation.method) { failures.append(.unsupportedMediaType) }
    return failures + [.other]
  }

  /// Whether the path may name what is not there, and that matters. PUT makes it, and DELETE is content.
  private func mayBeMissing(_ operation: Operation) -> Bool {
    guard let first = self.endpoint.parameters.first else { return false }
    // An old API is found by its service; a certificate, by its server names.
    let isFound = ["apis", Certificate.collection].contains(self.endpoint.group)
    let isItem = self.endpoint.parameters.count == 1 && self.endpoint.path.hasSuffix("/:\(first)")
    return isFound || !isItem || !["PUT", "DELETE"].contains(operation.method)
  }

  /// - Parameter method: of an operation that takes the shape; nil for an answer.
  private func schema(of shape: Operation.Shape, writtenBy method: String? = nil) -> JSONObject? {
    switch shape {
    case .none, .text: return nil
    case .message: return OpenAPIComponents.reference("Message")
    case .entity(let schema):
      let suffix = method.map { $0 == "PATCH" ? "Patch" : "Input" } ?? ""
      return OpenAPIComponents.reference(OpenAPIComponents.name(of: schema) + suffix)
    case .page(let schema): return OpenAPIComponents.reference(OpenAPIComponents.name(of: schema) + "Page")
    case .value(let schema): return schema
    }
  }
}
