// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonPluginAPI

/// A request without an engine: a parsed head, and places for what plugins record.
final class FakeRequest: RequestBackend {
  let headBytes: ByteBuffer
  let head: RequestHead
  var normalizedPath = ByteBuffer()
  var bufferedBody: ByteBuffer?
  var requestScheme = RequestScheme.http
  var requestID: (UInt64, UInt64) = (1, 2)
  var startedWallMicroseconds: UInt64 = 1_700_000_000_123_456
  lazy var wallMicroseconds = self.startedWallMicroseconds
  var peer: IPAddress? = .loopbackV4
  var peerPort: UInt16 = 40_000
  var clientAddress: IPAddress? = .loopbackV4
  var clientPort: UInt16 = 40_000
  var publicPort: UInt16 = 8000
  var isPeerTrusted = false
  var consumer: Consumer?
  var credential: Credential?
  var matchedRoute: Route?
  var matchedService: Service?
  var matchedNames: MatchedNames? { self.matchedRoute.map { MatchedNames($0, self.matchedService) } }
  var hasRoute: Bool { self.matchedRoute != nil }
  var loggedRoute: [UInt8]? { self.matchedRoute?.logged }
  var loggedService: [UInt8]? { self.matchedService?.logged }
  var uriCaptures: (texts: [String?], names: [(name: String, group: Int)]) = ([], [])
  var upstreamEdits = HeaderEdits()
  var upstreamPath: String?
  var upstreamQuery: String?
  var upstreamMethod: String?
  var upstreamTarget: (host: String, port: UInt16)?
  var responseBytes = ByteBuffer()
  var responseHead = ResponseHead()
  var hasServiceResponse = false
  var status: UInt16 = 0
  var responseEdits = HeaderEdits()
  var isBodyDropped = false
  var routedPath = "/"
  var responseTrailers: [(name: String, value: String)] = []
  private(set) var isHeadHeld = false
  var responseSource = ResponseSource.exit
  var localHeaders: [(name: String, value: String)] = []
  var receivedBytes: UInt64 = 100
  var sentBytes: UInt64 = 200
  var latencies = RequestLatencies(kong: 1, proxy: 2, request: 4, receive: 1)
  var upstreamURI = ByteBuffer("/")
  var upstreamTries: [UpstreamTry] = []
  var secretArguments = SecretArguments.none
  var sentHead = ByteBuffer()
  var loopNumber = 0
  var runningPlugin: EntityID? = .random()
  private(set) var suspensions = 0
  private(set) var warnings: [String] = []
  private var heldContext: RequestContext?

  init(_ target: String = "/", method: String = "GET", headers: [(String, String)] = [], body: String? = nil) throws {
    let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
    let bytes = ByteBuffer("\(method) \(target) HTTP/1.1\r\nHost: example.test\r\n\(lines)\r\n")
    var parser = RequestHeadParser(limits: .nginx)
    var head = RequestHead()
    let result = parser.parse(bytes.span, into: &head)
    try #require(result == .complete(bytes.count))
    self.headBytes = bytes
    self.head = head
    self.bufferedBody = body.map { ByteBuffer($0) }
  }

  var context: RequestContext {
    if let heldContext { return heldContext }
    let context = RequestContext(backend: self)
    self.heldContext = context
    return context
  }

  /// What the service would get under this name.
  func upstreamHeader(_ name: String) -> [String] { self.context.request.headers(name) }

  func locateHeader(_ lowercased: [UInt8]) -> (value: ByteRange, count: Int) {
    let name = String(decoding: lowercased, as: UTF8.self)
    let found = self.head.fields.filter { self.headBytes.string($0.name).lowercased() == name }
    return (found.first?.value ?? ByteRange(offset: 0, count: 0), found.count)
  }

  // MARK: What plugins change

  func setBufferedBody(_ body: ByteBuffer) { self.bufferedBody = body }

  func setClient(_ consumer: Consumer, _ credential: Credential?) {
    self.consumer = consumer
    self.credential = credential
  }

  func editUpstreamHeaders(_ edit: (inout HeaderEdits) -> Void) { edit(&self.upstreamEdits) }
  func setUpstreamPath(_ path: String) { self.upstreamPath = path }
  func setUpstreamQuery(_ query: String) { self.upstreamQuery = query }
  func setUpstreamMethod(_ method: String) { self.upstreamMethod = method }
  func setResponseTrailers(_ trailers: [(name: String, value: String)]) { self.responseTrailers = trailers }
  func holdResponseHead() { self.isHeadHeld = true }
  func setUpstreamTarget(host: String, port: UInt16) { self.upstreamTarget = (host, port) }
  func setStatus(_ status: UInt16) { self.status = status }
  func editResponseHeaders(_ edit: (inout HeaderEdits) -> Void) { edit(&self.responseEdits) }
  func dropBody() { self.isBodyDropped = true }

  private(set) var bodyLimit: UInt64?

  func limitBody(to bytes: UInt64) -> Bool {
    self.bodyLimit = bytes
    return UInt64(self.bufferedBody?.count ?? 0) <= bytes
  }

  func warn(_ message: @autoclosure () -> String) { self.warnings.append(message()) }

  func makeSuspension() -> Suspension {
    self.suspensions += 1
    return Suspension(executor: globalConcurrentExecutor) { _ in }
  }
}

/// An instance of a plugin with this configuration.
func instance<P: Plugin>(
  _ plugin: P.Type, _ config: JSONValue = [:], directory: any CredentialDirectory = FakeDirectory()
) throws -> P {
  try P(
    configuration: configured(plugin, config),
    environment: PluginEnvironment(
      plugin: PluginEntity(name: P.descriptor.name, config: config), nodeID: .random(), directory: directory))
}

/// What a phase did, in words.
func words(_ action: PhaseAction) -> String {
  switch action {
  case .next: "next"
  case .suspend: "suspend"
  case .respond(let response):
    switch response.body {
    case .none: "\(response.status)"
    case .bytes(let bytes): "\(response.status) \(bytes.string)"
    case .negotiated(let message): "\(response.status) \(message)"
    }
  }
}
