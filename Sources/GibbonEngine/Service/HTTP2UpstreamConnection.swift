// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonHTTP2
internal import GibbonIO
internal import GibbonTLS

/// A connection to a service that carries many exchanges at once, over HTTP/2.
///
/// It decides nothing about requests: what happens goes to the streams' exchanges. Confined to its loop.
final class HTTP2UpstreamConnection: Connection {
  let peer: Peer
  private var machine: HTTP2Connection
  private var streams: [ServiceStream?] = []
  private var spareStreams: [ServiceStream] = []
  /// Streams that were given to exchanges and are not back.
  private(set) var openCount = 0
  private var requestCount = 0
  private(set) var isConnected = false
  /// No more streams begin here.
  private(set) var isLeaving = false
  private var isReceiving = false
  private let settings: UpstreamSettings
  /// A ping was sent, and nothing has arrived since.
  private var isAsking = false

  /// Above this, what was written leaves before more is added.
  private static let gatheredBytes = 64 * 1024
  /// A silent service is asked whether it is there. Servers of gRPC take more often than every five minutes for an
  /// attack.
  private static let pingInterval = 310_000
  private static let pongTimeout = 20_000

  init(loop: EventLoop, peer: Peer, settings: UpstreamSettings, limits: HTTP2Limits) throws(SystemError) {
    self.peer = peer
    self.settings = settings
    self.machine = HTTP2Connection(role: .client, limits: limits, now: loop.now)
    try super.init(loop: loop, connectingTo: peer.address)
    self.flushControl()
  }

  // MARK: Streams

  /// Whether one more exchange may use it.
  var hasRoom: Bool {
    self.isOpen && !self.isLeaving && !self.isPeerClosed && self.machine.availableStreams > 0
  }

  /// A stream for an exchange; it begins on the wire with its head.
  func takeStream(for exchange: Exchange) -> ServiceStream {
    let stream = self.spareStreams.popLast() ?? ServiceStream(connection: self)
    self.openCount += 1
    self.requestCount += 1
    if self.requestCount >= self.settings.maxRequests { self.leave() }
    stream.begin(exchange, isReused: self.requestCount > 1 && self.isConnected)
    if self.isConnected { self.watch() }
    return stream
  }

  func open(
    _ stream: ServiceStream, _ line: borrowing HTTP2RequestLine, _ lines: Span<UInt8>, ends: Bool
  ) -> Int? {
    guard self.isOpen else { return nil }
    var output = self.takeOutput()
    let slot = self.machine.openStream(line, fieldLines: lines, endStream: ends, to: &output)
    self.flushSoon()
    self.putOutput(consume output)
    guard let slot else { return nil }
    while self.streams.count <= slot { self.streams.append(nil) }
    self.streams[slot] = stream
    return slot
  }

  /// The exchange has let go of a stream; one that is not over is reset.
  func release(_ stream: ServiceStream, _ slot: Int?) {
    if let slot {
      self.streams[slot] = nil
      self.machine.release(slot)
      if !self.isReceiving { self.flushControl() }
    }
    self.openCount -= 1
    if self.spareStreams.count < 256 { self.spareStreams.append(stream) }
    guard self.isOpen, self.openCount == 0 else { return }
    if self.isLeaving || !self.isConnected { return self.closeAfterFlush() }
    self.watch()
  }

  /// No more streams begin here; what is under way goes on.
  private func leave() {
    guard !self.isLeaving else { return }
    self.isLeaving = true
    self.peer.forget(self)
  }

  // MARK: Connecting

  override func didConnect() {
    guard let security = self.peer.security else { return self.begin() }
    self.secure(
      by: security.context, serverName: security.serverName, verifiedName: security.name,
      address: "\(self.peer.address)")
  }

  override func didSecure() {
    if let chosen = self.security?.applicationProtocol, !chosen.isSame(as: "h2") {
      return self.didFail(SystemError(code: Self.protocolError))
    }
    self.begin()
  }

  private func begin() {
    self.isConnected = true
    self.watch()
    for stream in self.underWay { stream.exchange?.upstreamConnected() }
  }

  /// Those with an exchange. A list of its own: what they do may change that of the connection.
  private var underWay: [ServiceStream] { self.streams.compactMap { $0 } }

  // MARK: Input

  override func received(_ bytes: Span<UInt8>) {
    self.isAsking = false
    self.isReceiving = true
    var offset = 0
    while self.isOpen {
      let event = self.machine.next(bytes, from: &offset, now: self.loop.now)
      if case .needMoreData = event { break }
      self.take(event, bytes)
    }
    self.isReceiving = false
    guard self.isOpen else { return }
    self.flushControl()
  }

  private func take(_ event: HTTP2Event, _ bytes: Span<UInt8>) {
    switch event {
    case .needMoreData, .requestHead, .pingAnswered: break
    case .interimHead(let slot): self.takeHead(slot, ends: false, isInterim: true)
    case .responseHead(let slot, let ends): self.takeHead(slot, ends: ends, isInterim: false)
    case .data(let slot, let range, let ends):
      let stream = self.streams[slot]
      if let stream { stream.receive(bytes.extracting(range)) } else { self.consumed(slot, range.count) }
      if ends { stream?.receiveEnd(Span()) }
    case .trailers(let slot):
      var lines = self.loop.takeBuffer()
      self.machine.takeTrailers(into: &lines)
      self.streams[slot]?.receiveEnd(lines.span)
      self.loop.recycle(lines)
    case .endStream(let slot): self.streams[slot]?.receiveEnd(Span())
    case .reset(let slot, let code): self.streams[slot]?.exchange?.upstreamReset(code)
    case .unprocessed(let slot): self.streams[slot]?.exchange?.upstreamUnprocessed()
    case .windowOpened(let slot): self.streams[slot]?.resumeWriting()
    case .connectionWindowOpened, .settingsChanged: self.resumeWriting()
    case .goAway:
      self.leave()
      if self.openCount == 0 { self.closeAfterFlush() }
    case .closed:
      self.flushControl()
      self.failAll(SystemError(code: Self.protocolError))
    }
  }

  /// EPROTO: the service broke the rules of HTTP/2.
  private static let protocolError: Int32 = 71

  private func takeHead(_ slot: Int, ends: Bool, isInterim: Bool) {
    guard let exchange = self.streams[slot]?.exchange else { return }
    exchange.response.take { bytes, head in self.machine.takeResponseHead(into: &bytes, &head) }
    if isInterim { return exchange.upstreamInterim() }
    exchange.upstreamAnswered(ends: ends)
    if ends { self.streams[slot]?.receiveEnd(Span()) }
  }

  // MARK: Output

  var mayWrite: Bool { !self.isBlocked }

  /// Writes frames, which leave when the batch of events is over.
  @inline(__always)
  func write(_ write: (inout HTTP2Connection, inout ByteBuffer) -> Void) {
    guard self.isOpen else { return }
    var output = self.takeOutput()
    write(&self.machine, &output)
    self.flushSoon()
    self.putOutput(consume output)
    if self.pendingCount > Self.gatheredBytes { self.uncork() }
  }

  private func flushControl() {
    guard self.machine.hasOutput else { return }
    self.write { machine, output in machine.takeOutput(into: &output) }
  }

  private func resumeWriting() {
    for stream in self.underWay { stream.resumeWriting() }
  }

  override func didFlush() { self.resumeWriting() }

  func consumed(_ slot: Int, _ count: Int) {
    guard count > 0 else { return }
    self.machine.consumed(slot, count, now: self.loop.now)
    if !self.isReceiving { self.flushControl() }
  }

  // MARK: The end

  override func receivedEnd() { self.failAll(nil) }

  override func didFail(_ error: SystemError) { self.failAll(error) }

  /// - Parameter error: nil where the service just ended the connection.
  private func failAll(_ error: SystemError?) {
    self.leave()
    let streams = self.underWay
    if !self.isConnected {
      for stream in streams { stream.exchange?.upstreamFailed(error ?? SystemError(code: 104)) }
      return self.close()
    }
    self.close()
    for stream in streams {
      if let error { stream.exchange?.upstreamFailed(error) } else { stream.exchange?.upstreamEnded() }
    }
  }

  // MARK: Time

  /// With requests under way a silent service is asked; without any the connection is kept for a while.
  private func watch() {
    self.setTimeout(milliseconds: self.openCount > 0 ? Self.pingInterval : self.settings.idleTimeout)
  }

  override func timerFired() {
    guard self.openCount > 0 else {
      self.leave()
      self.machine.stopAccepting()
      self.flushControl()
      return self.closeAfterFlush()
    }
    guard !self.isAsking else { return self.failAll(SystemError(code: 110)) }
    self.isAsking = true
    self.machine.ping(0)
    self.flushControl()
    self.setTimeout(milliseconds: Self.pongTimeout)
  }
}
