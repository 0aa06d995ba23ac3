// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// `/config`: the whole declarative configuration of a node without a database.
struct ConfigEndpoints: Sendable {
  static let path = "/config"

  let node: any AdminNode
  let access: DataAccess

  private static let refusal = AdminError(
    400, "this endpoint is only available when Kong is configured to not use a database")

  var all: [Endpoint] {
    let object = Operation.Shape.value(["type": "object"])
    return [
      Endpoint(
        Self.path, group: "config",
        [
          Operation("GET", "The declarative configuration, as YAML", output: object) { _ in try await self.read() },
          Operation(
            "POST", "Replace the declarative configuration", input: object, output: object, status: 201
          ) { try await self.load($0) },
        ])
    ]
  }

  private func read() async throws -> AdminResponse {
    guard self.access.isReadOnly else { throw Self.refusal }
    let exporter = DeclarativeExporter(registry: self.access.registry, showsNulls: true)
    let yaml = exporter.yaml(of: try await self.access.exportedRows())
    return .json(["config": .string(String(decoding: yaml, as: UTF8.self))])
  }

  private func load(_ request: AdminRequest) async throws -> AdminResponse {
    guard self.access.isReadOnly else { throw Self.refusal }
    let (text, arguments) = try Self.text(of: request)
    let parser = DeclarativeParser(registry: self.access.registry, validator: self.access.validator)
    switch try await self.node.unhurried({ parser.parse(text) }) {
    case .failure(let errors):
      let flattens = ["1", "true", "on", "yes"].contains(Self.option("flatten_errors", request, arguments) ?? "")
      return Self.refused(errors, flattens: flattens)
    case .success(let configuration):
      if Self.option("check_hash", request, arguments) == "1", await self.node.served().hash == configuration.hash {
        return AdminResponse(status: 304)
      }
      do {
        try await self.node.load(configuration)
      } catch {
        return Self.refused(fields: ["error": .string("the configuration cannot be served: \(error)")])
      }
      return try await self.node.unhurried { .json(Self.flattened(configuration), status: 201) }
    }
  }

  /// The document of a request: the body itself, or its field `config`.
  private static func text(of request: AdminRequest) throws -> (text: [UInt8], arguments: JSONObject) {
    if case .yaml = ContentType(request.header("content-type")).kind { return (request.body, [:]) }
    let arguments = try request.arguments()
    if let text = arguments["config"]?.stringValue { return (Array(text.utf8), arguments) }
    guard !arguments.isEmpty else { throw AdminError(400, "expected a declarative configuration") }
    return (request.body, arguments)
  }

  private static func option(_ name: String, _ request: AdminRequest, _ arguments: JSONObject) -> String? {
    request.argument(name) ?? arguments[name].map { $0.stringValue ?? $0.description }
  }

  /// The entities by collection and id.
  private static func flattened(_ configuration: DeclarativeConfiguration) -> JSONObject {
    var object: JSONObject = [:]
    for (collection, rows) in configuration.rows.sorted(by: { $0.key < $1.key })
    where collection != Workspace.collection && !rows.isEmpty {
      object[collection] = .object(
        JSONObject(
          rows.map { row in (row["id"]?.stringValue ?? row["key"]?.stringValue ?? "", .object(row)) }))
    }
    return object
  }

  private static func refused(_ errors: DeclarativeErrors, flattens: Bool) -> AdminResponse {
    var fields = flattens ? errors.outsideOfEntities.json : errors.tree.json
    // A document that cannot be read has no place to hang an error on.
    if let problem = errors.problems.first, problem.path.isEmpty {
      fields = ["error": .string("failed parsing declarative configuration: \(problem.message)")]
    }
    return Self.refused(fields: fields, flattened: flattens ? errors.flattened : nil)
  }

  private static func refused(fields: JSONValue, flattened: [JSONObject]? = nil) -> AdminResponse {
    let error = DataError(
      .declarativeConfig, "invalid declarative configuration",
      "declarative config is invalid: \(LuaLiteral.text(fields))", fields: fields)
    var object = error.json
    if let flattened { object["flattened_errors"] = .array(flattened.map { .object($0) }) }
    return .json(object, status: 400)
  }
}
