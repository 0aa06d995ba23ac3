// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Between Hummingbird's requests and the API's.
struct AdminResponder: HTTPResponder {
  let api: AdminAPI
  let facts: NodeFacts
  let logging: (@Sendable (AdminAccessRecord) -> Void)?
  private static let latencyField = HTTPField.Name("X-Kong-Admin-Latency")

  func respond(to request: Request, context: AdminContext) async throws -> Response {
    let start = ContinuousClock.now
    var answer = await self.answer(request)
    for (name, value) in self.origin(request) { answer.headers.append((name, value)) }
    var response = Response(status: .init(code: answer.status), body: .init(byteBuffer: .init(bytes: answer.body)))
    if answer.status == 204 || answer.status == 304 { response.headers[.contentLength] = nil }
    if let type = answer.contentType { response.headers[.contentType] = type }
    for (name, value) in answer.headers {
      if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
    if self.facts.showsServer { response.headers[.server] = "kong/\(self.facts.kongVersion)" }
    if self.facts.showsLatency, let name = Self.latencyField {
      let elapsed = (ContinuousClock.now - start).components
      response.headers[name] = String(elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000)
    }
    self.logging?(
      AdminAccessRecord(
        client: context.client, method: request.method.rawValue, target: request.head.path ?? "-",
        status: answer.status, bytes: answer.body.count, userAgent: request.headers[.userAgent] ?? "-"))
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(_ request: Request) async -> AdminResponse {
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: self.facts.bodyLimit)
    } catch is NIOTooManyBytesError {
      return .message("The body is larger than \(self.facts.bodyLimit) bytes", status: 413)
    } catch {
      return .message("The body could not be read", status: 400)
    }
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    return await self.api.respond(
      to: AdminRequest(
        method: request.method.rawValue, target: request.head.path ?? "/", headers: headers,
        body: Array(body.readableBytesView)))
  }

  /// Browsers may call from everywhere, or from the addresses of the web manager.
  private func origin(_ request: Request) -> [(String, String)] {
    let origin = request.headers[.origin]
    let allowed: String
    if let first = self.facts.allowedOrigins.first {
      allowed = origin.flatMap { self.facts.allowedOrigins.contains($0) ? $0 : nil } ?? first
    } else {
      allowed = origin ?? "*"
    }
    return [("Access-Control-Allow-Origin", allowed), ("Access-Control-Allow-Credentials", "true")]
  }
}

/// What is known of a request besides itself: who sent it.
struct AdminContext: RequestContext, RemoteAddressRequestContext {
  var coreContext: CoreRequestContextStorage
  let remoteAddress: SocketAddress?

  init(source: ApplicationRequestContextSource) {
    self.coreContext = .init(source: source)
    self.remoteAddress = source.channel.remoteAddress
  }

  var client: String { self.remoteAddress?.ipAddress ?? "unix:" }
}
