// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI

/// What plugins read and change: handed on to the part that has it.
extension Exchange: RequestBackend {
  var runningPlugin: EntityID? { self.plugins.running }
  var sentHead: ByteBuffer { self.outcome.sentHead }
  var upstreamTries: [UpstreamTry] { self.attempt.log }
  var localHeaders: [(name: String, value: String)] { self.response.localHeaders }
  var responseSource: ResponseSource { self.response.source }
  var responseEdits: HeaderEdits { self.response.edits }
  var status: UInt16 { self.response.status }
  var hasServiceResponse: Bool { self.response.isFromService }
  var responseHead: ResponseHead { self.response.head }
  var responseBytes: ByteBuffer { self.response.bytes }
  var upstreamMethod: String? { self.sending.method }
  var upstreamTarget: (host: String, port: UInt16)? { self.sending.target }
  var upstreamQuery: String? { self.sending.query }
  var upstreamPath: String? { self.sending.path }
  var upstreamEdits: HeaderEdits { self.sending.edits }
  var credential: Credential? { self.plugins.credential }
  var consumer: Consumer? { self.plugins.consumer }
  var isPeerTrusted: Bool { self.received.isPeerTrusted }
  var publicPort: UInt16 { self.received.publicPort }
  var clientPort: UInt16 { self.received.clientPort }
  var clientAddress: IPAddress? { self.received.clientAddress }
  var peerPort: UInt16 { self.received.peerPort }
  var peer: IPAddress? { self.received.peer }
  var startedWallMicroseconds: UInt64 { self.received.startedWallMicroseconds }
  var requestID: (UInt64, UInt64) { self.received.id }
  var requestScheme: RequestScheme { self.received.scheme }
  var bufferedBody: ByteBuffer? { self.requestFlow.buffered }
  var normalizedPath: ByteBuffer { self.received.normalizedPath }
  var head: RequestHead { self.received.head }
  var headBytes: ByteBuffer { self.received.bytes }
  var wallMicroseconds: UInt64 { self.loop.wallMicroseconds }

  func setBufferedBody(_ body: ByteBuffer) { self.requestFlow.buffered = body }

  func setClient(_ consumer: Consumer, _ credential: Credential?) {
    self.plugins.consumer = consumer
    self.plugins.credential = credential
  }

  func editUpstreamHeaders(_ edit: (inout HeaderEdits) -> Void) { self.sending.edit(edit) }

  func setUpstreamPath(_ path: String) { self.sending.path = path }
  var routedPath: String {
    var path = ByteBuffer()
    self.appendRoutedPath(to: &path, self.route?.service, self.received.bytes)
    return path.string
  }

  func setUpstreamQuery(_ query: String) { self.sending.query = query }
  func setUpstreamMethod(_ method: String) { self.sending.method = method }
  func setUpstreamTarget(host: String, port: UInt16) { self.sending.target = (host, port) }
  func setStatus(_ status: UInt16) { self.response.status = status }

  func editResponseHeaders(_ edit: (inout HeaderEdits) -> Void) { self.response.edit(edit) }

  func limitBody(to bytes: UInt64) -> Bool {
    self.requestFlow.lower(limit: bytes)
    return self.requestFlow.receivedBytes <= bytes
  }

  var responseTrailers: [(name: String, value: String)] {
    if let trailers = self.response.trailers { return trailers }
    guard self.response.isFromService, self.response.body.isComplete, self.response.body.framing == .chunked else {
      return []
    }
    let trailers = self.response.body.trailers
    return trailers.fields.map { (trailers[$0.name].text, trailers[$0.value].text) }
  }

  func setResponseTrailers(_ trailers: [(name: String, value: String)]) {
    self.hasTraces = true
    self.response.trailers = trailers
  }

  func holdResponseHead() {
    self.hasTraces = true
    self.response.holdHead()
  }

  func dropBody() { self.response.isBodyDropped = true }

  func locateHeader(_ lowercased: [UInt8]) -> (value: ByteRange, count: Int) { self.received.locateHeader(lowercased) }

  var secretArguments: SecretArguments { self.plugins.chain.secretArguments }
  var matchedRoute: Route? { self.route?.entity }
  var matchedService: Service? { self.route?.service?.entity }
  var matchedNames: MatchedNames? { self.route?.names }

  var uriCaptures: (texts: [String?], names: [(name: String, group: Int)]) {
    let bytes = self.received.bytes
    let path =
      self.received.normalizedPath.isEmpty
      ? ByteBuffer(bytes[self.received.head.path].array) : self.received.normalizedPath
    return (self.sending.captures.map { $0.map { path.string($0) } }, self.sending.captureNames)
  }

  func warn(_ message: @autoclosure () -> String) { self.log(.warn, message()) }

  func makeSuspension() -> Suspension {
    self.plugins.isSuspended = true
    self.plugins.suspension &+= 1
    let token = self.plugins.suspension
    self.startSuspensionTimer()
    // Safety: used only inside the closure that runs on this exchange's own loop. It is held so that the
    // context stays usable for as long as somebody may resume it, even when the client has gone.
    nonisolated(unsafe) let confined = self
    let handle = self.loop.handle
    return Suspension(executor: handle) { how in
      handle.execute { _ in
        let exchange = unsafe confined
        guard exchange.plugins.isSuspended, exchange.plugins.suspension == token else { return }
        exchange.plugins.isSuspended = false
        exchange.stopSuspensionTimer()
        if exchange.step != .done { exchange.resume(how) }
      }
    }
  }
}
