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
    if backend.secretArguments.isEmpty {
      self.json.text(backend.upstreamURI.span)
    } else {
      let upstream = backend.upstreamURI
      let masked = self.masked(upstream.span)
      self.json.text(masked.span)
    }
    let tries = backend.upstreamTries
    self.writeStatuses(of: tries)
    self.writeResponse()
    self.writeLatencies(backend.latencies)
    if backend.hasRoute { self.writeList(of: tries) }
    self.writeEntities()
    self.writeOrigin()
    self.json.raw(Self.workspace)
    self.json.endObject()
  }

  /// Members that every record has.
  private static let workspace = Array(
    #""workspace":"\#(Workspace.defaultID)","workspace_name":"default""#.utf8)

  private mutating func writeOrigin() {
    let address = self.backend.clientAddress
    let started = Int(clamping: self.backend.startedWallMicroseconds / 1000)
    let isFromService = self.backend.responseSource == .service
    self.json.piece(upTo: 80 + IPAddress.textLimit) { output in
      output.append(#""client_ip":""#)
      if let address { address.append(to: &output) } else { output.append("unix:") }
      output.append(#"","started_at":"#)
      output.append(decimal: started)
      output.append(isFromService ? #","source":"upstream""# : #","source":"kong""#)
    }
  }

  // MARK: Request and response

  private mutating func writeRequest() {
    let (backend, bytes) = (self.backend, self.backend.headBytes)
    let (head, id) = (backend.head, backend.requestID)
    self.json.piece(upTo: 64, isOpen: true) { output in
      output.append(#""request":{"id":""#)
      output.append(hex: id.0, width: 16)
      output.append(hex: id.1, width: 16)
      output.append(#"","uri":"#)
    }
    if backend.secretArguments.isEmpty {
      self.json.text(bytes[head.target])
    } else {
      let masked = self.masked(bytes[head.target])
      self.json.text(masked.span)
    }
    self.writeURL(bytes, head)
    self.json.key("querystring")
    if head.query == nil { self.json.emptyObject() } else { self.json.value(.object(self.arguments())) }
    self.json.key("method")
    self.json.text(bytes[head.methodName])
    self.json.key("headers")
    LoggedHeaders(request: backend).write(to: &self.json)
    if let security = backend.clientSecurity { self.write(security) }
    self.writeSize(backend.receivedBytes)
  }

  private mutating func write(_ security: ClientSecurity) {
    self.json.key("tls")
    self.json.beginObject()
    self.json.key("version")
    self.json.text(security.version)
    self.json.key("cipher")
    self.json.text(security.cipher)
    self.json.key("client_verify")
    self.json.text(security.clientVerification)
    self.json.endObject()
  }

  private mutating func writeURL(_ bytes: ByteBuffer, _ head: RequestHead) {
    let (scheme, port) = (self.backend.requestScheme, Int(self.backend.publicPort))
    self.json.key("url")
    let host = bytes[head.hostName]
    let target = self.backend.secretArguments.isEmpty ? bytes : self.masked(bytes[head.target])
    let range = self.backend.secretArguments.isEmpty ? head.target : ByteRange(offset: 0, count: target.count)
    self.json.text(target[range], after: 16 + host.count) { output in
      output.append(scheme == .https ? "https://" : "http://")
      for index in host.indices { output.append(host[index].asciiLowercased) }
      output.append(":")
      output.append(decimal: port)
    }
  }

  private func masked(_ target: Span<UInt8>) -> ByteBuffer {
    var output = ByteBuffer()
    self.backend.secretArguments.append(target, to: &output)
    return output
  }

  /// The last member of the request, or of the response.
  private mutating func writeSize(_ size: UInt64) {
    self.json.piece(upTo: 32) { output in
      output.append(#""size":"#)
      output.append(decimal: Int(clamping: size))
      output.append("}")
    }
  }

  /// Percent-decoded; an argument without `=` is true, one that came several times an array.
  private func arguments() -> JSONObject {
    var arguments = JSONObject()
    guard let query = self.backend.head.query else { return arguments }
    let bytes = self.backend.headBytes
    for argument in FormText.arguments(bytes[query].array).prefix(Self.argumentLimit) {
      let isSecret = self.backend.secretArguments.contains(argument.name)
      arguments.collect(
        argument.value.map { .string(isSecret ? "REDACTED" : String(decoding: $0, as: UTF8.self)) } ?? true,
        under: String(decoding: argument.name, as: UTF8.self))
    }
    return arguments
  }

  private mutating func writeResponse() {
    let status = Int(self.backend.status)
    self.json.piece(upTo: 64, isOpen: true) { output in
      output.append(#""response":{"status":"#)
      output.append(decimal: status)
      output.append(#","headers":"#)
    }
    LoggedHeaders(response: self.backend).write(to: &self.json)
    self.writeSize(self.backend.sentBytes)
  }

  private mutating func writeLatencies(_ latencies: RequestLatencies) {
    self.json.piece(upTo: 160) { output in
      output.append(#""latencies":{"kong":"#)
      output.append(decimal: latencies.kong)
      output.append(#","proxy":"#)
      output.append(decimal: latencies.proxy)
      output.append(#","request":"#)
      output.append(decimal: latencies.request)
      output.append(#","receive":"#)
      output.append(decimal: latencies.receive)
      output.append("}")
    }
  }

  // MARK: Tries

  private mutating func writeStatuses(of tries: [UpstreamTry]) {
    self.json.piece(upTo: 24 + 8 * tries.count) { output in
      output.append(#""upstream_status":""#)
      for index in tries.indices {
        if index > 0 { output.append(", ") }
        let status = tries[index].status
        if status == 0 { output.append("-") } else { output.append(decimal: Int(status)) }
      }
      output.append("\"")
    }
  }

  private mutating func writeList(of tries: [UpstreamTry]) {
    self.json.key("tries")
    self.json.beginArray()
    for index in tries.indices { self.write(tries[index]) }
    self.json.endArray()
  }

  private mutating func write(_ attempt: UpstreamTry) {
    self.json.piece(upTo: 256 + IPAddress.textLimit) { output in
      output.append(#"{"balancer_start":"#)
      output.append(decimal: Int(clamping: attempt.startedMicroseconds / 1000))
      output.append(#","balancer_start_ns":"#)
      output.append(decimal: Int(clamping: attempt.startedMicroseconds &* 1000))
      output.append(#","balancer_latency":"#)
      output.append(decimal: Int(clamping: attempt.latencyMicroseconds / 1000))
      output.append(#","balancer_latency_ns":"#)
      output.append(decimal: Int(clamping: attempt.latencyMicroseconds &* 1000))
      if let address = attempt.address {
        output.append(#","ip":""#)
        address.append(to: &output)
        output.append(#"","port":"#)
        output.append(decimal: Int(attempt.port))
      }
      if attempt.hasFailed {
        output.append(#","state":"failed","code":"#)
        output.append(decimal: Int(attempt.status))
      }
      output.append("}")
    }
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
