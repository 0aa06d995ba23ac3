// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonModel
public import GibbonSchema

/// A finished request as an object: what the logging plugins write (`kong.log.serialize`).
public enum LogSerializer {
  /// Arguments of a query that are shown (nginx's `lua_max_uri_args`).
  private static let argumentLimit = 100
  /// Fields whose values are nobody's business.
  private static let secretFields: Set<String> = ["authorization", "proxy-authorization"]

  /// For the log phase. What plugins set with `setLogValue` is in it.
  public static func serialize(_ context: RequestContext) -> JSONObject {
    let outcome = context.outcome
    let latencies = outcome.latencies
    var members: [JSONObject.Member] = []
    members.reserveCapacity(18)
    func add(_ key: String, _ value: JSONValue?) { if let value { members.append(.init(key, value)) } }
    add("request", .object(self.request(context, outcome)))
    add("upstream_uri", .string(outcome.upstreamURI))
    add("upstream_status", .string(outcome.upstreamStatus))
    add(
      "response",
      [
        "status": .int(Int64(context.response.status)), "headers": .object(self.headers(outcome.responseHeaders)),
        "size": .int(Int64(clamping: outcome.responseSize)),
      ])
    add(
      "latencies",
      [
        "kong": .int(Int64(latencies.kong)), "proxy": .int(Int64(latencies.proxy)),
        "request": .int(Int64(latencies.request)), "receive": .int(Int64(latencies.receive)),
      ])
    add("tries", outcome.tries.map { .array($0.map(self.attempt)) })
    add("authenticated_entity", self.authenticated(context))
    add("route", context.route.map { .object($0.logged) })
    add("service", context.service.map { .object($0.logged) })
    add("consumer", context.client.consumer.map { .object($0.logged) })
    add("client_ip", .string(context.client.address.map { "\($0)" } ?? "unix:"))
    add("started_at", .int(Int64(clamping: outcome.startedAtMilliseconds)))
    add("source", .string(outcome.source.rawValue))
    add("workspace", .string("\(Workspace.defaultID)"))
    add("workspace_name", "default")
    var object = JSONObject(distinct: members)
    for value in context.logValues { value.apply(to: &object) }
    return object
  }

  private static func request(_ context: RequestContext, _ outcome: RequestOutcome) -> JSONObject {
    let request = context.request
    let uri = request.pathWithQuery
    return [
      "id": .string(context.id),
      "uri": .string(uri),
      "url": .string("\(request.scheme.rawValue)://\(request.host):\(request.port)\(uri)"),
      "querystring": .object(self.arguments(request.rawQuery)),
      "method": .string(request.method),
      "headers": .object(self.requestHeaders(context)),
      "size": .int(Int64(clamping: outcome.requestSize)),
    ]
  }

  private static func authenticated(_ context: RequestContext) -> JSONValue? {
    context.client.credential.map { ["id": .string("\($0.id)"), "consumer_id": .string("\($0.consumer.id)")] }
  }

  private static func attempt(_ attempt: UpstreamTry) -> JSONValue {
    var object: JSONObject = [
      "balancer_start": .int(Int64(clamping: attempt.startedMicroseconds / 1000)),
      "balancer_start_ns": .int(Int64(clamping: attempt.startedMicroseconds &* 1000)),
      "balancer_latency": .int(Int64(clamping: attempt.latencyMicroseconds / 1000)),
      "balancer_latency_ns": .int(Int64(clamping: attempt.latencyMicroseconds &* 1000)),
    ]
    if let address = attempt.address {
      object["ip"] = .string("\(address)")
      object["port"] = .int(Int64(attempt.port))
    }
    if attempt.hasFailed {
      object["state"] = "failed"
      object["code"] = .int(Int64(attempt.status))
    }
    return .object(object)
  }

  // MARK: Fields

  /// The client's fields with what plugins changed of them, as they went to the service.
  private static func requestHeaders(_ context: RequestContext) -> JSONObject {
    let backend = context.backend
    let edits = backend.upstreamEdits
    let bytes = backend.headBytes
    var fields: [(name: String, value: String)] = []
    fields.reserveCapacity(backend.head.fields.count)
    for field in backend.head.fields where edits.isEmpty || !edits.drops(bytes[field.name]) {
      fields.append((bytes.string(field.name), bytes.string(field.value)))
    }
    if !edits.isEmpty {
      var lines = ByteBuffer()
      edits.write(to: &lines)
      fields += FieldLines.parse(lines)
    }
    var headers = self.headers(fields)
    for name in self.secretFields where headers[name] != nil { headers[name] = "REDACTED" }
    return headers
  }

  /// By lower-case name; a field that came several times is an array.
  private static func headers(_ fields: [(name: String, value: String)]) -> JSONObject {
    var headers = JSONObject()
    headers.reserveCapacity(fields.count)
    for field in fields { headers.collect(.string(field.value), under: field.name.lowercased()) }
    return headers
  }

  /// Percent-decoded; an argument without `=` is true, one that came several times an array.
  private static func arguments(_ query: String) -> JSONObject {
    var arguments = JSONObject()
    for part in query.split(separator: "&").prefix(self.argumentLimit) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let key = pair.first, !key.isEmpty else { continue }
      arguments.collect(
        pair.count > 1 ? .string(QueryString.decode(pair[1])) : true, under: QueryString.decode(key))
    }
    return arguments
  }
}

extension JSONObject {
  /// Adds a value to those a key has.
  fileprivate mutating func collect(_ value: JSONValue, under key: String) {
    switch self[key] {
    case nil: self[key] = value
    case .array(let values): self[key] = .array(values + [value])
    case let first?: self[key] = .array([first, value])
    }
  }
}
