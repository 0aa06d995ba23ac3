// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonHTTP2
internal import GibbonIO
internal import GibbonTLS

/// One stream of HTTP/2 with a service: carries one try of one request. The counterpart of `ClientStream`.
///
/// Confined to its loop, and used again by later streams of its connection.
final class ServiceStream: Timed {
  let connection: HTTP2UpstreamConnection
  /// nil before the head was sent.
  private(set) var slot: Int?
  private(set) var exchange: Exchange?
  /// What was written waits for more of the request.
  var isHeldBack = false
  private(set) var isReused = false
  private var hasSentAll = false
  private var hasReceivedAll = false
  private var isPaused = false
  private var isDelivering = false
  private var unsent = ByteBuffer()
  private var endsWhenSent = false
  private var trailers = ByteBuffer()
  private var leftover = ByteBuffer()

  init(connection: HTTP2UpstreamConnection) { self.connection = connection }

  var peer: Peer { self.connection.peer }
  var isConnected: Bool { self.connection.isConnected }
  var handshaking: TLSSession? { self.connection.isHandshaking ? self.connection.security : nil }

  func begin(_ exchange: Exchange, isReused: Bool) {
    self.exchange = exchange
    self.isReused = isReused
    self.isPaused = false
    self.hasSentAll = false
    self.hasReceivedAll = false
  }

  // MARK: The request

  /// Begins the stream on the wire.
  ///
  /// - Parameters:
  ///   - lines: field lines of HTTP/1; those of one hop do not leave.
  ///   - ends: the request has no content.
  /// - Returns: false where the service takes no more streams on this connection.
  func sendHead(_ line: borrowing HTTP2RequestLine, _ lines: Span<UInt8>, ends: Bool) -> Bool {
    guard let slot = self.connection.open(self, line, lines, ends: ends) else { return false }
    self.slot = slot
    self.hasSentAll = ends
    return true
  }

  func sendBody(_ bytes: Span<UInt8>) {
    guard !self.hasSentAll, !self.endsWhenSent else { return }
    var sent = 0
    if self.unsent.isEmpty, self.connection.mayWrite { sent = self.write(bytes, ends: false) }
    guard sent < bytes.count else { return }
    var held = ByteBuffer()
    swap(&held, &self.unsent)
    if held.isEmpty { held = self.connection.loop.takeBuffer() }
    held.append(bytes.extracting(droppingFirst: sent))
    swap(&held, &self.unsent)
  }

  /// The request is over.
  ///
  /// - Parameter trailers: field lines.
  func sendEnd(_ trailers: Span<UInt8>) {
    guard !self.hasSentAll, !self.endsWhenSent else { return }
    if trailers.count > 0 { self.trailers.append(trailers) }
    self.endsWhenSent = true
    if self.unsent.isEmpty { self.writeEnd() }
  }

  private func write(_ bytes: Span<UInt8>, ends: Bool) -> Int {
    guard let slot = self.slot else { return 0 }
    var sent = 0
    self.connection.write { machine, output in
      sent = machine.writeData(slot, bytes, endStream: ends, to: &output)
    }
    if ends, sent == bytes.count { self.hasSentAll = true }
    return sent
  }

  private func writeEnd() {
    self.endsWhenSent = false
    guard let slot = self.slot else { return }
    if self.trailers.isEmpty {
      _ = self.write(Span(), ends: true)
    } else {
      self.hasSentAll = true
      let lines = self.trailers
      self.connection.write { machine, output in machine.writeTrailers(slot, fieldLines: lines.span, to: &output) }
    }
  }

  /// Whether the exchange should wait with what it has: `upstreamFlushed` follows.
  var isBlocked: Bool { !self.unsent.isEmpty || self.connection.isBlocked }

  /// A window has opened, or the connection takes more.
  func resumeWriting() {
    guard let exchange = self.exchange else { return }
    if !self.unsent.isEmpty {
      guard self.connection.mayWrite else { return }
      var bytes = ByteBuffer()
      swap(&bytes, &self.unsent)
      bytes.consume(self.write(bytes.span, ends: self.endsWhenSent && self.trailers.isEmpty))
      if !bytes.isEmpty {
        swap(&bytes, &self.unsent)
        return exchange.setUpstreamTimeout()
      }
      self.connection.loop.recycle(bytes)
      if self.endsWhenSent { self.writeEnd() }
    }
    if !self.connection.isBlocked { exchange.upstreamFlushed() }
  }

  // MARK: The response

  /// Content arrived.
  func receive(_ bytes: Span<UInt8>) {
    guard let exchange = self.exchange, let slot = self.slot else { return }
    guard !self.isPaused, self.leftover.isEmpty else {
      var held = ByteBuffer()
      swap(&held, &self.leftover)
      if held.isEmpty { held = self.connection.loop.takeBuffer() }
      held.append(bytes)
      swap(&held, &self.leftover)
      return
    }
    exchange.upstreamReceived(bytes)
    self.connection.consumed(slot, bytes.count)
  }

  /// The response is over.
  ///
  /// - Parameter trailers: field lines.
  func receiveEnd(_ trailers: Span<UInt8>) {
    guard let exchange = self.exchange else { return }
    self.hasReceivedAll = true
    if trailers.count > 0 { exchange.response.take(trailerLines: trailers) }
    if self.leftover.isEmpty, !self.isPaused { exchange.endResponseBody() }
  }

  func pauseReading() { self.isPaused = true }

  func resumeReading() {
    guard self.isPaused else { return }
    self.isPaused = false
    guard !self.leftover.isEmpty || self.hasReceivedAll, !self.isDelivering else { return }
    self.isDelivering = true
    self.connection.loop.runSoon(self)
  }

  /// Hands on what waited while the client was slow.
  override func resumed() {
    self.isDelivering = false
    guard let exchange = self.exchange, let slot = self.slot, !self.isPaused else { return }
    if !self.leftover.isEmpty {
      var bytes = ByteBuffer()
      swap(&bytes, &self.leftover)
      exchange.upstreamReceived(bytes.span)
      self.connection.consumed(slot, bytes.count)
      self.connection.loop.recycle(bytes)
    }
    if self.exchange === exchange, self.slot == slot, self.hasReceivedAll, !self.isPaused { exchange.endResponseBody() }
  }

  // MARK: The end

  /// The exchange lets go.
  func finish() {
    self.stopTimer()
    self.exchange = nil
    self.isHeldBack = false
    let slot = self.slot
    self.slot = nil
    if let slot, !self.leftover.isEmpty { self.connection.consumed(slot, self.leftover.count) }
    if !self.leftover.isEmpty { self.leftover = ByteBuffer() }
    if !self.unsent.isEmpty { self.unsent = ByteBuffer() }
    if !self.trailers.isEmpty { self.trailers = ByteBuffer() }
    self.endsWhenSent = false
    self.connection.release(self, slot)
  }

  // MARK: Time

  func startTimer(_ milliseconds: Int) { self.connection.loop.schedule(self, after: milliseconds) }
  func stopTimer() { self.connection.loop.cancel(self) }

  override func timerFired() { self.exchange?.upstreamTimedOut() }
}
