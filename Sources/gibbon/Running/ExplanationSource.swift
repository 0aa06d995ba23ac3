// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonSchema

/// Where an explanation comes from: what a gateway serves, not what it could have been given, decides.
enum ExplanationSource {
  /// The gateway of a prefix, over its Admin API.
  case running(AdminClient, pid: Int32)
  /// What the gateway that runs was started with: it has no Admin API that could be asked.
  case started(Configuration, pid: Int32)
  /// What a gateway would be started with.
  case own(Configuration)

  /// - Parameter own: reads what this command was given.
  static func find(_ prefix: Prefix, own: () throws -> Configuration) throws -> ExplanationSource {
    guard let running = try RunningSources(prefix), let configuration = try? running.sources.load() else {
      return .own(try own())
    }
    if let client = AdminClient.find(running, configuration) { return .running(client, pid: running.processID) }
    return .started(configuration, pid: running.processID)
  }

  /// For people.
  var description: String {
    switch self {
    case .running(_, let pid): "the running gateway (pid \(pid))"
    case .started(let configuration, let pid):
      "\(Self.entities(configuration)), which the running gateway (pid \(pid)) was started with; "
        + "it has no Admin API to ask"
    case .own(let configuration): "\(Self.entities(configuration)); no gateway runs in \(configuration.prefix)"
    }
  }

  private static func entities(_ configuration: Configuration) -> String {
    switch (configuration.database, configuration.declarative) {
    case (.off, .file(let path)?): "the declarative file \(path)"
    case (.off, .text?): "declarative_config_string"
    case (.off, nil): "no entities"
    case (.sqlite, _): "the database \(configuration.datastore.sqlitePath)"
    case (.postgres, _): "PostgreSQL at \(configuration.datastore.postgres.host)"
    case (.cassandra, _): "Cassandra"
    }
  }
}

/// How a request would be routed, as text and as JSON.
struct ExplanationAnswer {
  let text: String
  let json: JSONObject
  let isMatched: Bool
}

extension Gateway {
  /// How a request would be routed.
  static func explain(_ request: ExplainedRequest, from source: ExplanationSource) throws -> ExplanationAnswer {
    switch source {
    case .started(let configuration, _), .own(let configuration):
      let report = try Self.explain(request, configuration: configuration)
      return ExplanationAnswer(text: report.text, json: report.json, isMatched: report.route != nil)
    case .running(let client, _):
      var object = try client.post("/explain", Self.question(request))
      let text = object["text"]?.stringValue ?? "the gateway did not say; it may be of another version"
      object["text"] = nil
      return ExplanationAnswer(text: text, json: object, isMatched: object["matched"]?.objectValue != nil)
    }
  }

  private static func question(_ request: ExplainedRequest) -> JSONObject {
    let host = request.host.utf8.contains(UInt8(ascii: ":")) ? "[\(request.host)]" : request.host
    var headers: JSONObject = [:]
    for header in request.headers {
      headers[header.name] = .array((headers[header.name]?.arrayValue ?? []) + [.string(header.value)])
    }
    return [
      "method": .string(request.method), "headers": .object(headers),
      "url": .string("\(request.scheme)://\(host):\(request.port)\(request.target)"),
      "sni": request.sni.map { .string($0) } ?? .null,
    ]
  }
}
