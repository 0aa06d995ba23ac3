// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonModel
internal import GibbonSchema

/// A finished request as the text that logs have of it, written in one go: nothing is kept of it, and little is
/// allocated.
struct LogRecord: ~Copyable {
  /// More than most records take.
  private static let usualBytes = 2048
  /// Arguments of a query that are shown (nginx's `lua_max_uri_args`).
  private static let argumentLimit = 100

  private let context: RequestContext
  private let backend: any RequestBackend
  private var json = JSONStream(capacity: Self.usualBytes)

  init(_ context: RequestContext) {
    self.context = context
    self.backend = context.backend
  }

  /// Compact JSON, without what plugins set of it.
  consuming func bytes() -> [UInt8] {
    self.write()
    return self.json.finish()
  }

  private mutating func write() {
    let backend = self.backend
    self.json.beginObject()
    self.writeRequest()
    self.json.key("upstream_uri")
    self.json.text(backend.upstreamURI.span)
    self.writeTries(backend.upstreamTries)
    self.writeResponse()
    self.writeLatencies(backend.latencies)
    if backend.hasRoute { self.writeList(of: backend.upstreamTries) }
    self.writeEntities()
    self.json.key("client_ip")
    self.json.plainText { output in
      if let address = backend.clientAddress { address.append(to: &output) } else { output.append("unix:") }
    }
    self.json.key("started_at")
    self.json.int(Int(clamping: backend.startedWallMicroseconds / 1000))
    self.json.key("source")
    self.json.text((backend.responseSource == .service ? RequestOutcome.Source.upstream : .kong).rawValue)
    self.json.key("workspace")
    self.json.id(Workspace.defaultID)
    self.json.key("workspace_name")
    self.json.text("default")
    self.json.endObject()
  }

  // MARK: Request and response

  private mutating func writeRequest() {
    let (backend, bytes) = (self.backend, self.backend.headBytes)
    let head = backend.head
    self.json.key("request")
    self.json.beginObject()
    self.json.key("id")
    self.json.plainText { output in
      output.append(hex: backend.requestID.0, width: 16)
      output.append(hex: backend.requestID.1, width: 16)
    }
    self.json.key("uri")
    self.json.text(bytes[head.target])
    self.writeURL(bytes, head)
    self.json.key("querystring")
    if head.query == nil { self.json.emptyObject() } else { self.json.value(.object(self.arguments())) }
    self.json.key("method")
    self.json.text(bytes[head.methodName])
    self.json.key("headers")
    LoggedHeaders(request: backend).write(to: &self.json)
    self.json.key("size")
    self.json.int(Int(clamping: backend.receivedBytes))
    self.json.endObject()
  }

  private mutating func writeURL(_ bytes: ByteBuffer, _ head: RequestHead) {
    let (scheme, port) = (self.backend.requestScheme, Int(self.backend.publicPort))
    self.json.key("url")
    self.json.text(bytes[head.target]) { output in
      output.append(text: scheme.rawValue)
      output.append("://")
      let host = bytes[head.hostName]
      for index in host.indices { output.append(host[index].asciiLowercased) }
      output.append(":")
      output.append(decimal: port)
    }
  }

  /// Percent-decoded; an argument without `=` is true, one that came several times an array.
  private func arguments() -> JSONObject {
    var arguments = JSONObject()
    for part in self.context.request.rawQuery.split(separator: "&").prefix(Self.argumentLimit) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let key = pair.first, !key.isEmpty else { continue }
      arguments.collect(
        pair.count > 1 ? .string(QueryString.decode(pair[1])) : true, under: QueryString.decode(key))
    }
    return arguments
  }

  private mutating func writeResponse() {
    self.json.key("response")
    self.json.beginObject()
    self.json.key("status")
    self.json.int(Int(self.backend.status))
    self.json.key("headers")
    LoggedHeaders(response: self.backend).write(to: &self.json)
    self.json.key("size")
    self.json.int(Int(clamping: self.backend.sentBytes))
    self.json.endObject()
  }

  private mutating func writeLatencies(_ latencies: RequestLatencies) {
    self.json.key("latencies")
    self.json.beginObject()
    self.json.key("kong")
    self.json.int(latencies.kong)
    self.json.key("proxy")
    self.json.int(latencies.proxy)
    self.json.key("request")
    self.json.int(latencies.request)
    self.json.key("receive")
    self.json.int(latencies.receive)
    self.json.endObject()
  }

  // MARK: Tries

  /// The status of each.
  private mutating func writeTries(_ tries: [UpstreamTry]) {
    self.json.key("upstream_status")
    self.json.plainText { output in
      for (index, attempt) in tries.enumerated() {
        if index > 0 { output.append(", ") }
        if attempt.status == 0 { output.append("-") } else { output.append(decimal: Int(attempt.status)) }
      }
    }
  }

  private mutating func writeList(of tries: [UpstreamTry]) {
    self.json.key("tries")
    self.json.beginArray()
    for attempt in tries { self.write(attempt) }
    self.json.endArray()
  }

  private mutating func write(_ attempt: UpstreamTry) {
    self.json.beginObject()
    self.json.key("balancer_start")
    self.json.int(Int(clamping: attempt.startedMicroseconds / 1000))
    self.json.key("balancer_start_ns")
    self.json.int(Int(clamping: attempt.startedMicroseconds &* 1000))
    self.json.key("balancer_latency")
    self.json.int(Int(clamping: attempt.latencyMicroseconds / 1000))
    self.json.key("balancer_latency_ns")
    self.json.int(Int(clamping: attempt.latencyMicroseconds &* 1000))
    if let address = attempt.address {
      self.json.key("ip")
      self.json.plainText { address.append(to: &$0) }
      self.json.key("port")
      self.json.int(Int(attempt.port))
    }
    if attempt.hasFailed {
      self.json.key("state")
      self.json.text("failed")
      self.json.key("code")
      self.json.int(Int(attempt.status))
    }
    self.json.endObject()
  }

  // MARK: Entities

  private mutating func writeEntities() {
    if let credential = self.backend.credential {
      self.json.key("authenticated_entity")
      self.json.beginObject()
      self.json.key("id")
      self.json.id(credential.id)
      self.json.key("consumer_id")
      self.json.id(credential.consumer.id)
      self.json.endObject()
    }
    if let route = self.backend.loggedRoute {
      self.json.key("route")
      self.json.raw(route)
    }
    if let service = self.backend.loggedService {
      self.json.key("service")
      self.json.raw(service)
    }
    if let consumer = self.backend.consumer {
      self.json.key("consumer")
      self.json.raw(consumer.logged)
    }
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
