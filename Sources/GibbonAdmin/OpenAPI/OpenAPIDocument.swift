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
      let path = OpenAPIPath(endpoint: endpoint, registry: registry)
      paths[path.template] = .object(path.item)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Gibbon Admin API", "version": .string(facts.version),
        "description": .string("Operates a Gibbon gateway; compatible with Kong's Admin API \(facts.kongVersion)."),
        "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "http://localhost:8001"]],
      "tags": .array(
        Set(shown.map(\.group)).sorted().map {
          ["name": .string($0), "description": .string(OpenAPITexts.group($0))]
        }),
      "paths": .object(paths),
      "components": [
        "schemas": .object(OpenAPIComponents(registry, endpoints: shown).schemas),
        "responses": .object(OpenAPIComponents.responses),
      ],
    ]
  }
}
