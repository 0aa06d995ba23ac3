// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI
internal import GibbonRouting

/// A client's connection: cuts what arrives into heads and bodies and hands them to one exchange at a time.
///
/// While it waits for a request it holds no buffer and no exchange. Confined to its loop.
final class DownstreamConnection: Connection {
  enum State: UInt8 {
    /// A PROXY protocol header comes first.
    case proxyHeader
    /// The first bytes say which version of HTTP it is.
    case preface
    /// Between requests, or within a head.
    case head
    /// The body of the current exchange.
    case body
    /// The request is complete; what arrives meanwhile belongs to the next one.
    case busy
    /// The exchange is over, the body nobody wanted is read and dropped.
    case draining
    case tunnel
    /// The last response is written; what still arrives is dropped until the client ends.
    case lingering
    /// Closes when the last bytes are taken, or when that takes too long.
    case closing
  }

  let worker: Worker
  /// The port clients connect to: the listener's, or what `port_maps` says.
  let publicPort: UInt16
  /// The listener has the flag `ssl`.
  let isEncrypted: Bool
  /// So has the flag `http2`.
  let maySpeakHTTP2: Bool
  /// nil for HTTP/1.
  var http2: HTTP2Server?
  private(set) var peer: IPAddress?
  private(set) var peerPort: UInt16
  var state: State
  /// The current request, from its first byte on.
  var exchange: Exchange?
  /// Bytes that arrived before they can be used. At most one read's worth: reading is paused meanwhile.
  var leftover = ByteBuffer()
  private(set) var requests: Int32 = 0
  /// Input is being cut up right now: whoever changes the state need not start that again.
  private(set) var isConsuming = false
  var drainsUntil: UInt64 = 0

  init(
    worker: Worker, socket: consuming AcceptedSocket, publicPort: UInt16, _ listener: ListenerSettings
  ) throws(SystemError) {
    self.worker = worker
    self.publicPort = publicPort
    self.peer = socket.peer.ip
    self.peerPort = socket.peer.port
    self.isEncrypted = listener.isTLS
    self.maySpeakHTTP2 = listener.speaksHTTP2
    self.state = listener.usesProxyProtocol ? .proxyHeader : Self.opening(listener.isTLS, listener.speaksHTTP2)
    try super.init(loop: worker.loop, accepted: socket)
    self.setTimeout(milliseconds: worker.downstreamSettings.headerTimeout)
  }

  /// Where the client connected to, for routes that care.
  var localEndpoint: RouteEndpoint? {
    self.localAddress.flatMap { address in
      address.ip.map { RouteEndpoint(address: $0, port: address.port) }
    }
  }

  /// No request after the current one on this connection.
  var isLastRequest: Bool { Int(self.requests) >= self.worker.downstreamSettings.keepAliveRequests }

  // MARK: Input

  override func received(_ bytes: Span<UInt8>) {
    if let http2 = self.http2 { return http2.received(bytes) }
    if self.leftover.isEmpty { return self.consume(bytes) }
    self.keepLeftover(bytes)
    self.consumeLeftover()
  }

  private func consumeLeftover() {
    guard !self.leftover.isEmpty, !self.isConsuming else { return }
    var bytes = ByteBuffer()
    swap(&bytes, &self.leftover)
    self.consume(bytes.span)
    self.loop.recycle(bytes)
  }

  private func consume(_ bytes: Span<UInt8>) {
    self.isConsuming = true
    var offset = 0
    while offset < bytes.count, self.isOpen {
      let before = offset
      offset = self.step(bytes, offset)
      if offset == before { break }
    }
    self.isConsuming = false
    guard self.isOpen else { return }
    if offset < bytes.count { self.keep(bytes.extracting(droppingFirst: offset)) }
    self.exchange?.startFlowIfCorked()
    switch self.state {
    case .body:
      guard let exchange = self.exchange, !exchange.takesBody else { return }
      self.pauseReading()
      // The service, or a plugin, is the slow one now: its time runs, not the client's. Unless the client
      // has a response to take.
      if !self.isBlocked {
        self.clearTimeout()
        exchange.setUpstreamTimeout()
      }
    case .head, .draining, .lingering:
      if self.worker.isDraining, self.exchange == nil, self.state == .head, self.leftover.isEmpty { return self.end() }
      if self.leftover.isEmpty { self.resumeReading() }
    case .proxyHeader, .preface, .busy, .tunnel, .closing: break
    }
  }

  /// Uses some of the input; returns where it stopped, which is where it began when nothing can be used now.
  private func step(_ bytes: Span<UInt8>, _ offset: Int) -> Int {
    switch self.state {
    case .head: return self.readHead(bytes, offset)
    case .body:
      guard let exchange = self.exchange, exchange.takesBody else { return offset }
      let end = exchange.receiveBody(bytes, from: offset)
      guard self.exchange === exchange else { return end }
      if self.state == .body, exchange.requestFlow.body.isComplete { self.becomeBusy() }
      exchange.continueAfterBuffering()
      return end
    case .busy: return offset
    case .draining: return self.drain(bytes, offset)
    case .tunnel:
      self.exchange?.tunnel(fromClient: bytes.extracting(droppingFirst: offset))
      return bytes.count
    case .lingering, .closing: return bytes.count
    case .proxyHeader: return self.readProxyHeader(bytes, offset)
    case .preface: return self.readPreface(bytes, offset)
    }
  }

  /// What cannot be used now waits here, and nothing more is read.
  private func keep(_ bytes: Span<UInt8>) {
    if self.leftover.isEmpty { self.leftover = self.loop.takeBuffer() }
    self.keepLeftover(bytes)
    if self.state != .proxyHeader, self.state != .preface { self.pauseReading() }
  }

  private func keepLeftover(_ bytes: Span<UInt8>) {
    var kept = ByteBuffer()
    swap(&kept, &self.leftover)
    kept.append(bytes)
    swap(&kept, &self.leftover)
  }

  private func becomeBusy() {
    self.state = .busy
    self.clearTimeout()
  }

  // MARK: Heads

  func readHead(_ bytes: Span<UInt8>, _ offset: Int) -> Int {
    if let exchange = self.exchange { return self.continueHead(exchange, bytes, offset) }
    let exchange = self.worker.takeExchange()
    self.exchange = exchange
    let input = offset == 0 ? bytes : bytes.extracting(droppingFirst: offset)
    var parser = self.worker.requestParser
    switch exchange.received.parse(input, &parser) {
    case .complete(let count):
      exchange.received.keep(input.extracting(0..<count))
      self.beginExchange(exchange)
      return offset &+ count
    case .needMoreData:
      exchange.identify(.http1(self))
      exchange.received.parser = parser
      exchange.received.keep(input)
      self.setTimeout(milliseconds: self.worker.downstreamSettings.headerTimeout)
    case .failed(let error):
      exchange.received.keep(input)
      self.refuse(exchange, error.reason, as: .malformed(error))
    }
    return bytes.count
  }

  /// The head comes in pieces: they are gathered, and the parser goes on where it stopped.
  private func continueHead(_ exchange: Exchange, _ bytes: Span<UInt8>, _ offset: Int) -> Int {
    let known = exchange.received.bytes.count
    exchange.received.keep(bytes.extracting(droppingFirst: offset))
    let gathered = exchange.received.bytes
    var parser = exchange.received.parser
    let result = exchange.received.parse(gathered.span, &parser)
    exchange.received.parser = parser
    switch result {
    case .complete(let count):
      self.beginExchange(exchange)
      return offset &+ max(0, count &- known)
    case .needMoreData: break
    case .failed(let error): self.refuse(exchange, error.reason, as: .malformed(error))
    }
    return bytes.count
  }

  private func beginExchange(_ exchange: Exchange) {
    self.requests &+= 1
    self.state = exchange.received.head.framing == .none ? .busy : .body
    if self.state == .busy {
      self.clearTimeout()
    } else {
      self.setTimeout(milliseconds: self.worker.downstreamSettings.bodyTimeout)
    }
    exchange.begin(on: .http1(self), isDelimited: false)
    if self.state == .body, exchange.requestFlow.body.isComplete, self.exchange === exchange { self.becomeBusy() }
  }

  /// Answers something that cannot be read as a request.
  func refuse(_ exchange: Exchange, _ reason: StaticString, as error: GatewayError) {
    self.state = .busy
    exchange.refuse(on: .http1(self), reason, as: error)
  }

  // MARK: From the exchange

  /// `Expect: 100-continue`: the body may come.
  func sendContinue() {
    var output = self.takeOutput()
    output.append("HTTP/1.1 100 Continue\r\n\r\n")
    self.putOutput(consume output)
  }

  /// The service takes more of the body.
  func resumeBody() {
    self.consumeLeftover()
    guard self.isOpen, self.state == .body, self.exchange?.takesBody == true else { return }
    self.setTimeout(milliseconds: self.worker.downstreamSettings.bodyTimeout)
    self.resumeReading()
  }

  /// The client has taken what was sent, and its body goes on: the time for that runs again.
  func waitForBody() {
    if self.state == .body, self.exchange?.takesBody == true {
      self.setTimeout(milliseconds: self.worker.downstreamSettings.bodyTimeout)
    } else {
      self.clearTimeout()
    }
  }

  func becomeTunnel() {
    self.state = .tunnel
    self.clearTimeout()
    self.consumeLeftover()
    self.resumeReading()
  }

  /// The exchange is logged and over: the next request, or the end.
  func exchangeFinished(_ exchange: Exchange) {
    guard self.exchange === exchange else { return }
    self.exchange = nil
    defer { self.worker.recycle(exchange) }
    guard self.isOpen else { return }
    if self.state == .tunnel { return self.end() }
    if exchange.isAborted { return self.end() }
    if exchange.closesDownstream { return self.linger(exchange) }
    if exchange.requestFlow.body.isComplete {
      self.awaitNextRequest()
    } else {
      self.state = .draining
      self.drainingBody = exchange.requestFlow.body
      self.drainsUntil = self.loop.now &+ 30_000
      self.setTimeout(milliseconds: self.worker.downstreamSettings.lingeringTimeout)
      self.goOn()
    }
  }

  func awaitNextRequest() {
    if self.worker.isDraining, self.leftover.isEmpty, !self.isConsuming { return self.end() }
    self.state = .head
    self.setTimeout(milliseconds: self.worker.downstreamSettings.keepAliveTimeout)
    self.goOn()
  }

  /// Uses what waits and reads on.
  private func goOn() {
    guard !self.isConsuming else { return }
    self.consumeLeftover()
    if self.isOpen, self.state != .busy { self.resumeReading() }
  }

  // MARK: Ends

  var drainingBody: MessageBody?

  func end() {
    if self.isBlocked, self.isOpen, !self.isPeerClosed, self.state != .closing {
      self.state = .closing
      self.setTimeout(milliseconds: self.worker.downstreamSettings.sendTimeout)
      self.closeAfterFlush()
      return
    }
    self.close()
  }

  override func didClose() { self.worker.forget(self) }

  override func didSecure() { self.chooseVersion() }

  override func receivedEnd() {
    if let http2 = self.http2 { return http2.clientEnded() }
    guard let exchange = self.exchange else { return self.end() }
    switch self.state {
    case .tunnel: exchange.tunnelClientEnded()
    case .head:
      exchange.log(.info, "client prematurely closed connection while reading client request headers")
      self.exchange = nil
      self.worker.recycle(exchange)
      self.end()
    default: self.clientGone(exchange)
    }
  }

  override func peerHungUp() {
    if let http2 = self.http2 { return http2.clientEnded() }
    guard let exchange = self.exchange, self.state == .busy else { return }
    self.clientGone(exchange)
  }

  override func didFail(_ error: SystemError) {
    if self.isHandshaking { return self.handshakeFailed(error) }
    if let http2 = self.http2 { return http2.clientEnded() }
    guard let exchange = self.exchange else { return self.close() }
    if self.state == .tunnel {
      self.close()
      return exchange.endTunnel()
    }
    self.clientGone(exchange)
  }

  private func clientGone(_ exchange: Exchange) {
    exchange.log(.info, "client prematurely closed connection")
    self.exchange = nil
    self.close()
    exchange.abort()
    self.worker.recycle(exchange)
  }

  override func didFlush() {
    if let http2 = self.http2 { return http2.didFlush() }
    self.exchange?.downstreamFlushed()
  }

  override func didProgress() { self.setTimeout(milliseconds: self.worker.downstreamSettings.sendTimeout) }

  override func timerFired() {
    if let http2 = self.http2 { return http2.timerFired() }
    guard let exchange = self.exchange else { return self.close() }
    switch self.state {
    case .head:
      exchange.log(.info, "client timed out (110: Connection timed out) while reading client request headers")
      self.exchange = nil
      self.worker.recycle(exchange)
      self.end()
    case .body where !exchange.response.isStarted:
      exchange.log(.info, "client timed out (110: Connection timed out) while reading the body")
      exchange.fail(.requestTimeout)
    case .tunnel: exchange.endTunnel()
    default:
      exchange.log(.info, "client timed out (110: Connection timed out) while sending to client")
      self.clientGone(exchange)
    }
  }

  /// The client as the PROXY protocol says; replaces nothing that concerns the peer itself.
  var client: SocketAddress?
}
