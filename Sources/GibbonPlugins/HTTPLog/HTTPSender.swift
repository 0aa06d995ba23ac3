// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Synchronization

/// Sends logs to an HTTP server. The client is made with the first of them.
final class HTTPSender: Sendable {
  private let endpoint: LogEndpoint
  private let method: String
  private let headers: HTTPHeaders
  private let timeout: TimeAmount
  private let keepalive: TimeAmount
  private let client = Mutex<HTTPClient?>(nil)

  /// What is read of an answer; a longer one costs its connection.
  private static let answerLimit = 64 * 1024
  /// What of an answer is shown in the error log.
  private static let shownLimit = 512

  init(
    _ endpoint: LogEndpoint, method: String, headers: [(String, String)], timeout: Double, keepalive: Double
  ) {
    self.endpoint = endpoint
    self.method = method
    self.timeout = LogTarget.amount(timeout)
    self.keepalive = LogTarget.amount(keepalive)
    var fields = HTTPHeaders()
    if let authorization = endpoint.authorization { fields.add(name: "Authorization", value: authorization) }
    // Those of the configuration do not take the place of ours.
    for (name, value) in headers where !fields.contains(name: name) { fields.add(name: name, value: value) }
    self.headers = fields
  }

  /// - Throws: `SendFailure` when the server did not take it: status 300 and above, or none.
  func send(_ body: [UInt8]) async throws {
    var request = HTTPClientRequest(url: self.endpoint.url)
    request.method = HTTPMethod(rawValue: self.method)
    request.headers = self.headers
    request.body = .bytes(body)
    let response: HTTPClientResponse
    do {
      response = try await self.made().execute(request, timeout: self.timeout)
    } catch {
      throw SendFailure("failed request to \(self.endpoint.words)", error)
    }
    let answer = try? await response.body.collect(upTo: Self.answerLimit)
    guard response.status.code >= 300 else { return }
    let shown = answer.map { String(buffer: $0.getSlice(at: 0, length: min($0.readableBytes, Self.shownLimit)) ?? $0) }
    throw SendFailure(
      "request to \(self.endpoint.words) returned status code \(response.status.code) and body \(shown ?? "")")
  }

  private func made() -> HTTPClient {
    self.client.withLock { held in
      if let held { return held }
      var tls = TLSConfiguration.makeClientConfiguration()
      // Kong does not look at the certificate of a log server.
      tls.certificateVerification = .none
      var configuration = HTTPClient.Configuration(
        tlsConfiguration: tls, redirectConfiguration: .disallow,
        timeout: .init(connect: self.timeout, read: self.timeout))
      configuration.connectionPool.idleTimeout = self.keepalive
      // Repeating is the queue's business.
      configuration.connectionPool.retryConnectionEstablishment = false
      configuration.httpVersion = .http1Only
      let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
      held = client
      return client
    }
  }

  /// Lets go of the connections. To be called when nothing is sent any more.
  func close() async {
    let client = self.client.withLock { $0.take() }
    try? await client?.shutdown()
  }
}
