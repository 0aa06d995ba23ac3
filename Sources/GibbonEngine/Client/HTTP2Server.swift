// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonHTTP2
internal import GibbonIO

/// HTTP/2 with one client: hands what arrives to the streams' exchanges, and what they answer to the connection.
///
/// Owned by its connection, and confined to its loop. What the protocol demands is the machine's business.
final class HTTP2Server {
  unowned let connection: DownstreamConnection
  private var machine: HTTP2Connection
  /// By slot of the machine; those of streams that have ended are kept for the next ones.
  private var streams: [ClientStream] = []
  /// Requests under way.
  private(set) var openCount = 0
  private var requestCount = 0
  /// Streams that got something of what is being read now: what they cause to be written waits for the rest of it.
  private var touched: [ClientStream] = []
  private(set) var isReceiving = false
  /// Which GOAWAY was sent.
  private var farewell = Farewell.none
  private var nextToResume = 0

  private enum Farewell: UInt8 {
    case none
    /// No more streams shall begin; those that are on their way are still taken.
    case announced
    /// Nothing begins any more.
    case final
  }

  /// Above this, what was written leaves before more is added.
  private static let gatheredBytes = 64 * 1024
  /// Between the two GOAWAYs, at most: what a client sent before it read the first one arrives meanwhile.
  private static let farewellMilliseconds = 1000

  init(_ connection: DownstreamConnection) {
    self.connection = connection
    self.machine = HTTP2Connection(
      role: .server, limits: connection.worker.http2Limits, now: connection.loop.now)
    self.flushControl()
  }

  private var worker: Worker { self.connection.worker }

  // MARK: Input

  func received(_ bytes: Span<UInt8>) {
    self.isReceiving = true
    var offset = 0
    while self.connection.isOpen {
      let event = self.machine.next(bytes, from: &offset, now: self.connection.loop.now)
      if case .needMoreData = event { break }
      self.take(event, bytes)
    }
    self.isReceiving = false
    guard self.connection.isOpen else { return }
    self.startFlows()
    self.flushControl()
    // Whoever does not read what it asked for is not read from either: what is answered to it has a bound then.
    if self.connection.isBlocked { self.connection.pauseReading() }
    self.setTimer()
  }

  private func take(_ event: HTTP2Event, _ bytes: Span<UInt8>) {
    switch event {
    case .needMoreData, .responseHead, .interimHead, .unprocessed, .goAway: break
    case .requestHead(let slot, let ends, let isTooLarge): self.begin(slot, ends: ends, isTooLarge: isTooLarge)
    case .data(let slot, let range, let ends): self.streams[slot].receive(bytes.extracting(range), ends: ends)
    case .trailers(let slot):
      var lines = self.connection.loop.takeBuffer()
      self.machine.takeTrailers(into: &lines)
      self.streams[slot].receiveEnd(lines.span)
      self.connection.loop.recycle(lines)
    case .endStream(let slot): self.streams[slot].receiveEnd(Span())
    case .reset(let slot, _): self.streams[slot].abort()
    case .windowOpened(let slot): self.streams[slot].resumeWriting()
    case .connectionWindowOpened, .settingsChanged: self.resumeWriting()
    case .pingAnswered: if self.farewell == .announced { self.sayFarewell(.final) }
    case .closed: self.fail()
    }
  }

  /// A request's head is complete, or too large.
  private func begin(_ slot: Int, ends: Bool, isTooLarge: Bool) {
    while self.streams.count <= slot { self.streams.append(ClientStream(server: self)) }
    let stream = self.streams[slot]
    let exchange = self.worker.takeExchange()
    self.openCount += 1
    self.requestCount += 1
    exchange.received.take { bytes, head in self.machine.takeRequestHead(into: &bytes, &head) }
    stream.begin(slot: slot, exchange, hasEnded: ends)
    if isTooLarge { return exchange.refuse(on: .http2(stream), "too large request header", as: .headTooLarge) }
    if self.requestCount >= self.worker.downstreamSettings.keepAliveRequests { self.sayFarewell(.announced) }
    exchange.begin(on: .http2(stream), isDelimited: true)
  }

  /// Something of a request arrived.
  func touch(_ stream: ClientStream) {
    guard self.isReceiving, !stream.isTouched else { return }
    stream.isTouched = true
    self.touched.append(stream)
  }

  /// What was read is used up: requests go out, and bodies that did not come with their heads may flow.
  private func startFlows() {
    guard !self.touched.isEmpty else { return }
    var touched: [ClientStream] = []
    swap(&touched, &self.touched)
    for stream in touched {
      stream.isTouched = false
      stream.exchange?.startFlowIfCorked()
    }
    touched.removeAll(keepingCapacity: true)
    if self.touched.isEmpty { swap(&touched, &self.touched) }
  }

  /// The client, or this side, broke the connection's rules: the machine has said so.
  private func fail() {
    let client = self.connection.peer.map { "\($0)" } ?? "unix:"
    let reason = self.machine.failure.map { "\($0.code), \($0.reason)" } ?? ""
    self.worker.errorLog.write(.info, "client broke the rules of HTTP/2 (\(reason)), client: \(client)")
    self.flushControl()
    self.abortStreams()
    self.connection.endGracefully()
  }

  // MARK: Output

  /// Whether more may be written now.
  var mayWrite: Bool { !self.connection.isBlocked }

  /// Writes frames, which leave when the batch of events is over.
  ///
  /// - Returns: how many bytes were added.
  @inline(__always)
  func write(_ write: (inout HTTP2Connection, inout ByteBuffer) -> Void) -> UInt64 {
    guard self.connection.isOpen else { return 0 }
    var output = self.connection.takeOutput()
    let before = output.count
    write(&self.machine, &output)
    let added = output.count &- before
    self.connection.flushSoon()
    self.connection.putOutput(consume output)
    if self.connection.pendingCount > Self.gatheredBytes { self.connection.uncork() }
    return UInt64(added)
  }

  /// What the machine has to say by itself: acknowledgements, windows, resets.
  private func flushControl() {
    guard self.machine.hasOutput else { return }
    _ = self.write { machine, output in machine.takeOutput(into: &output) }
  }

  /// A window has opened for all, or the kernel takes more: every stream in its turn, another one first each time.
  func resumeWriting() {
    let count = self.streams.count
    guard count > 0 else { return }
    self.nextToResume = (self.nextToResume &+ 1) % count
    for place in 0..<count {
      guard self.connection.isOpen else { return }
      self.streams[(self.nextToResume &+ place) % count].resumeWriting()
    }
  }

  // MARK: From the streams

  func consumed(_ slot: Int, _ count: Int) {
    guard count > 0 else { return }
    self.machine.consumed(slot, count, now: self.connection.loop.now)
    if !self.isReceiving { self.flushControl() }
  }

  func reset(_ slot: Int, _ code: HTTP2ErrorCode) {
    _ = self.write { machine, output in machine.reset(slot, code, to: &output) }
  }

  /// The stream's exchange has ended.
  func release(_ stream: ClientStream) {
    self.machine.release(stream.slot)
    self.openCount -= 1
    if !self.isReceiving { self.flushControl() }
    guard self.connection.isOpen, self.openCount == 0 else { return }
    if self.farewell == .final { return self.connection.endGracefully() }
    if !self.isReceiving { self.setTimer() }
  }

  // MARK: Time

  /// The connection's own deadline; the streams have theirs.
  func setTimer() {
    if self.farewell == .announced { return }
    let settings = self.worker.downstreamSettings
    if self.connection.isBlocked {
      self.connection.setTimeout(milliseconds: settings.sendTimeout)
    } else if self.machine.isReadingHeaders {
      self.connection.setTimeout(milliseconds: settings.headerTimeout)
    } else if self.openCount == 0 {
      self.connection.setTimeout(milliseconds: settings.keepAliveTimeout)
    } else {
      self.connection.clearTimeout()
    }
  }

  func timerFired() {
    if self.farewell == .announced { return self.sayFarewell(.final) }
    if self.openCount == 0, !self.connection.isBlocked, !self.machine.isReadingHeaders {
      return self.sayFarewell(.final)
    }
    self.abortStreams()
    self.connection.close()
  }

  // MARK: The end

  /// Nothing more begins here; what is under way goes on. First said without taking back what the client has begun
  /// meanwhile, and for good once an answer to that has come, or time has passed (RFC 9113 section 6.8).
  func drain() {
    self.sayFarewell(self.openCount == 0 && !self.machine.isReadingHeaders ? .final : .announced)
  }

  private func sayFarewell(_ next: Farewell) {
    guard self.farewell.rawValue < next.rawValue else { return }
    if next == .final, self.farewell == .none, self.openCount > 0 { return }
    self.farewell = next
    switch next {
    case .none: break
    case .announced:
      self.machine.announceShutdown()
      self.machine.ping(0)
      self.flushControl()
      self.connection.setTimeout(milliseconds: Self.farewellMilliseconds)
    case .final:
      self.machine.stopAccepting()
      self.flushControl()
      self.setTimer()
      if self.openCount == 0 { self.connection.endGracefully() }
    }
  }

  /// The connection is gone, or will be.
  func abortStreams() {
    for stream in self.streams { stream.abort() }
  }

  /// The client has ended its side, or the connection broke: nobody waits for answers.
  func clientEnded() {
    self.abortStreams()
    self.connection.close()
  }

  /// The kernel has taken everything.
  func didFlush() {
    self.connection.resumeReading()
    self.resumeWriting()
    if self.connection.isOpen { self.setTimer() }
  }
}
