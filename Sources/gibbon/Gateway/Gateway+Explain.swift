// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonControl
internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonRouting
internal import GibbonSchema

extension Gateway {
  /// Which route a request would take with the entities that `start` would load, and why not the others.
  static func explain(_ request: ExplainedRequest, configuration: Configuration) throws -> String {
    let snapshot = try Self.snapshot(configuration)
    let (explanation, path) = Self.explain(request, in: snapshot)
    return Self.text(explanation, snapshot, path: path)
  }

  /// What a gateway with this configuration would serve.
  private static func snapshot(_ configuration: Configuration) throws -> Snapshot {
    let entities = EntitySource(configuration)
    let control = ControlPlane(
      plugins: entities.plugins, flavor: configuration.routerFlavor.routing, nodeID: EntityID.random(),
      secrets: entities.secrets)
    if configuration.database == .off { return try control.snapshot(of: try entities.load(configuration)).snapshot }
    let path = configuration.datastore.sqlitePath
    if configuration.database == .sqlite, !FileText.exists(path) {
      throw Failure(
        "there is no database at \(path) yet",
        advice: "Start a gateway, or name what it would be started with: -c FILE, -p FOLDER, GIBBON_DECLARATIVE_CONFIG."
      )
    }
    let tasks = try DatastoreTasks(configuration)
    defer { tasks.close() }
    return try tasks.snapshot(control)
  }

  /// For people, of what a gateway serves.
  static func text(of request: ExplainedRequest, in snapshot: Snapshot) -> String {
    let (explanation, path) = Self.explain(request, in: snapshot)
    return Self.text(explanation, snapshot, path: path)
  }

  /// The same as JSON, for the Admin API.
  static func explanation(of request: ExplainedRequest, in snapshot: Snapshot) -> JSONObject {
    let (explanation, path) = Self.explain(request, in: snapshot)
    var object: JSONObject = ["matched": .null, "path": .string(path)]
    if let matched = explanation.matched {
      object["matched"] = .object(Self.json(matched))
      if let service = snapshot.routes[matched.handle]?.service?.entity {
        object["service"] = ["id": .string(service.id.description), "name": service.name.map { .string($0) } ?? .null]
      }
      if let length = explanation.match?.matchedPathLength {
        object["matched_path"] = .string(String(path.prefix(length)))
      }
    }
    object["nearest_misses"] = .array(
      explanation.misses.map { miss in
        var object = Self.json(miss)
        object["reasons"] = .strings(miss.reasons)
        return .object(object)
      })
    return object
  }

  private static func json(_ candidate: RouteExplanation.Candidate) -> JSONObject {
    [
      "id": .string(candidate.id.description), "name": candidate.name.map { .string($0) } ?? .null,
      "priority": .string("\(candidate.priority)"),
    ]
  }

  private static func explain(
    _ request: ExplainedRequest, in snapshot: Snapshot
  ) -> (explanation: RouteExplanation, path: String) {
    let details = ExplainedDetails(request)
    let parts = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path = ByteBuffer()
    PathNormalizer.normalize(Array(parts[0].utf8).span, into: &path)
    let host = details.hostAndPort(fallback: request)
    let explanation = snapshot.router.explain(
      method: Array(request.method.utf8).span, host: Array(host.name.utf8).span, port: host.port, path: path.span,
      details: details)
    return (explanation, path.string)
  }

  private static func text(_ explanation: RouteExplanation, _ snapshot: Snapshot, path: String) -> String {
    var lines: [String] = []
    if let matched = explanation.matched {
      lines.append("matched: route \(Self.name(matched)), priority \(matched.priority)")
      if let runtime = snapshot.routes[matched.handle] {
        let service = runtime.service?.entity
        lines.append(
          "service: "
            + (service.map { "\($0.name ?? "\($0.id)") (\($0.protocol)://\($0.host):\($0.port)\($0.path ?? ""))" }
              ?? "none: answers 503 unless a plugin answers"))
      }
      if let length = explanation.match?.matchedPathLength {
        lines.append("path:    \(path.prefix(length)) matched of \(path)")
      }
    } else {
      lines.append("no route matches; the gateway would answer 404")
    }
    if !explanation.misses.isEmpty { lines.append("nearest misses:") }
    for miss in explanation.misses {
      lines.append("  \(Self.name(miss)): \(miss.reasons.joined(separator: "; "))")
    }
    return lines.joined(separator: "\n")
  }

  private static func name(_ candidate: RouteExplanation.Candidate) -> String {
    candidate.name.map { "'\($0)' (\(candidate.id))" } ?? "\(candidate.id)"
  }
}

/// The rare parts of a request that exists only on the command line.
private final class ExplainedDetails: RouteRequestDetails {
  private let request: ExplainedRequest

  init(_ request: ExplainedRequest) { self.request = request }

  var scheme: RouteScheme { self.request.scheme == "https" ? .https : .http }
  var sni: String? { self.request.sni }
  var source: RouteEndpoint? { nil }
  var destination: RouteEndpoint? { nil }

  /// The Host header decides, as it would on the wire.
  func hostAndPort(fallback: ExplainedRequest) -> (name: String, port: UInt16) {
    guard let header = self.request.headers.first(where: { $0.name.lowercased() == "host" })?.value else {
      return (fallback.host, fallback.port)
    }
    guard let colon = header.lastIndex(of: ":"), !header.hasSuffix("]"),
      let port = UInt16(header[header.index(after: colon)...])
    else { return (header, fallback.port) }
    return (String(header[..<colon]), port)
  }

  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    for header in self.request.headers
    where String(header.name.lowercased().map { $0 == "-" ? "_" : $0 }) == name {
      if !visit(Array(header.value.utf8).span) { return }
    }
  }

  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    guard let mark = self.request.target.firstIndex(of: "?") else { return }
    for pair in QueryString.pairs(self.request.target[self.request.target.index(after: mark)...])
    where pair.name == name {
      if !visit(Array(pair.value.utf8).span) { return }
    }
  }
}
