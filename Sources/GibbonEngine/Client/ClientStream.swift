// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonHTTP2
internal import GibbonIO

/// One stream of HTTP/2 with a client: carries one request and its response.
///
/// What the windows do not let go waits in `unsent`, at most what the exchange wrote before it asked `isBlocked`. What
/// arrives before anybody takes it waits in `leftover`, at most one window. Confined to its loop, and used again by the
/// streams that follow on its connection.
final class ClientStream: Timed {
  /// What the response has told so far.
  enum Progress: UInt8 {
    case none, head, ended
  }

  unowned let server: HTTP2Server
  private(set) var slot = 0
  private(set) var exchange: Exchange?
  private(set) var progress = Progress.none
  /// Something of the request arrived with what is being read now.
  var isTouched = false
  /// The client has sent all of its request.
  private(set) var hasEnded = false
  private var leftover = ByteBuffer()
  private var unsent = ByteBuffer()
  /// The end of the response waits behind `unsent`.
  private var endsWhenSent = false
  private var trailers = ByteBuffer()
  /// Of the response: fields and content, as they went to the connection.
  private(set) var sentBytes: UInt64 = 0

  init(server: HTTP2Server) { self.server = server }

  var connection: DownstreamConnection { self.server.connection }
  private var worker: Worker { self.connection.worker }

  /// A request begins.
  func begin(slot: Int, _ exchange: Exchange, hasEnded: Bool) {
    self.slot = slot
    self.exchange = exchange
    self.hasEnded = hasEnded
    self.progress = .none
    self.sentBytes = 0
    self.server.touch(self)
    if !hasEnded { self.startTimer(self.worker.downstreamSettings.bodyTimeout) }
  }

  // MARK: The request's body

  /// Content arrived.
  func receive(_ bytes: Span<UInt8>, ends: Bool) {
    if ends { self.hasEnded = true }
    self.server.touch(self)
    guard let exchange = self.exchange else { return self.server.consumed(self.slot, bytes.count) }
    guard self.leftover.isEmpty, exchange.takesBody else {
      self.keep(bytes)
      return self.stopTimer()
    }
    let taken = exchange.receiveBody(bytes, from: 0)
    guard self.exchange === exchange else { return self.server.consumed(self.slot, bytes.count) }
    self.server.consumed(self.slot, taken)
    if taken < bytes.count { self.keep(bytes.extracting(droppingFirst: taken)) }
    self.afterBody(exchange)
  }

  /// The request is over.
  ///
  /// - Parameter trailers: field lines.
  func receiveEnd(_ trailers: Span<UInt8>) {
    self.hasEnded = true
    self.server.touch(self)
    guard let exchange = self.exchange else { return }
    if trailers.count > 0 { exchange.requestFlow.take(trailerLines: trailers) }
    self.afterBody(exchange)
  }

  private func afterBody(_ exchange: Exchange) {
    if self.hasEnded, self.leftover.isEmpty {
      self.stopTimer()
      exchange.endRequestBody()
      guard self.exchange === exchange else { return }
    }
    exchange.continueAfterBuffering()
  }

  private func keep(_ bytes: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.leftover)
    if held.isEmpty { held = self.connection.loop.takeBuffer() }
    held.append(bytes)
    swap(&held, &self.leftover)
  }

  /// Somebody takes the body now.
  func resumeBody() {
    guard let exchange = self.exchange, exchange.takesBody else { return }
    if !self.leftover.isEmpty {
      var bytes = ByteBuffer()
      swap(&bytes, &self.leftover)
      let taken = exchange.receiveBody(bytes.span, from: 0)
      self.server.consumed(self.slot, self.exchange === exchange ? taken : bytes.count)
      guard self.exchange === exchange else { return }
      if taken < bytes.count, self.leftover.isEmpty {
        bytes.consume(taken)
        swap(&bytes, &self.leftover)
      } else {
        self.connection.loop.recycle(bytes)
      }
    }
    self.afterBody(exchange)
    self.waitForBody()
  }

  /// The client's time for its body runs, where it is the one that is waited for.
  func waitForBody() {
    if !self.hasEnded, self.exchange?.takesBody == true {
      self.startTimer(self.worker.downstreamSettings.bodyTimeout)
    } else {
      self.stopTimer()
    }
  }

  // MARK: The response

  /// Whether the exchange should wait with what it has: `downstreamFlushed` follows.
  var isBlocked: Bool { !self.unsent.isEmpty || (self.connection.isBlocked && self.progress != .ended) }

  /// An interim or a final head.
  ///
  /// - Parameter lines: field lines of HTTP/1, those of one hop included, which do not leave.
  func sendHead(_ status: UInt16, _ lines: Span<UInt8>, ends: Bool) {
    guard self.progress == .none else { return }
    if status >= 200 { self.progress = ends ? .ended : .head }
    self.sentBytes &+= self.server.write { machine, output in
      machine.writeResponseHead(self.slot, status: status, fieldLines: lines, endStream: ends, to: &output)
    }
  }

  func sendBody(_ bytes: Span<UInt8>, ends: Bool) {
    guard self.progress == .head, !self.endsWhenSent else { return }
    var sent = 0
    if self.unsent.isEmpty, self.server.mayWrite { sent = self.write(bytes, ends: ends) }
    guard sent < bytes.count else { return }
    var held = ByteBuffer()
    swap(&held, &self.unsent)
    if held.isEmpty { held = self.connection.loop.takeBuffer() }
    held.append(bytes.extracting(droppingFirst: sent))
    swap(&held, &self.unsent)
    self.endsWhenSent = ends
  }

  /// - Returns: how many of them the windows let go.
  private func write(_ bytes: Span<UInt8>, ends: Bool) -> Int {
    var sent = 0
    self.sentBytes &+= self.server.write { machine, output in
      sent = machine.writeData(self.slot, bytes, endStream: ends, to: &output)
    }
    if ends, sent == bytes.count { self.progress = .ended }
    return sent
  }

  /// The response is over.
  ///
  /// - Parameter trailers: field lines.
  func sendEnd(_ trailers: Span<UInt8>) {
    guard self.progress == .head, !self.endsWhenSent else { return }
    if trailers.count > 0 { self.trailers.append(trailers) }
    self.endsWhenSent = true
    if self.unsent.isEmpty { self.writeEnd() }
  }

  private func writeEnd() {
    self.endsWhenSent = false
    guard self.progress == .head else { return }
    if self.trailers.isEmpty {
      _ = self.write(Span(), ends: true)
    } else {
      self.progress = .ended
      let lines = self.trailers
      self.sentBytes &+= self.server.write { machine, output in
        machine.writeTrailers(self.slot, fieldLines: lines.span, to: &output)
      }
    }
  }

  /// A window has opened, or the connection takes more.
  func resumeWriting() {
    guard self.exchange != nil else { return }
    if !self.unsent.isEmpty {
      guard self.server.mayWrite else { return }
      var bytes = ByteBuffer()
      swap(&bytes, &self.unsent)
      let ends = self.endsWhenSent && self.trailers.isEmpty
      bytes.consume(self.write(bytes.span, ends: ends))
      if !bytes.isEmpty {
        swap(&bytes, &self.unsent)
        return self.startTimer(self.worker.downstreamSettings.sendTimeout)
      }
      self.connection.loop.recycle(bytes)
      if self.endsWhenSent { self.writeEnd() }
    }
    if !self.connection.isBlocked || self.progress == .ended { self.exchange?.downstreamFlushed() }
  }

  // MARK: The end

  /// The exchange is logged and over. What it did not say is not said any more.
  func finish() {
    self.stopTimer()
    if self.progress != .ended { self.server.reset(self.slot, .internalError) }
    self.exchange = nil
    self.clear()
    self.server.release(self)
  }

  /// The client wants no answer any more, or is gone.
  func abort() {
    guard let exchange = self.exchange else { return }
    self.progress = .ended
    self.hasEnded = true
    exchange.log(.info, "client canceled the stream, or closed the connection")
    exchange.abort()
  }

  private func clear() {
    if !self.leftover.isEmpty {
      self.server.consumed(self.slot, self.leftover.count)
      self.leftover = ByteBuffer()
    }
    if !self.unsent.isEmpty { self.unsent = ByteBuffer() }
    if !self.trailers.isEmpty { self.trailers = ByteBuffer() }
    self.endsWhenSent = false
  }

  // MARK: Time

  func startTimer(_ milliseconds: Int) { self.connection.loop.schedule(self, after: milliseconds) }
  func stopTimer() { self.connection.loop.cancel(self) }

  override func timerFired() {
    guard let exchange = self.exchange else { return }
    if !self.hasEnded, !exchange.response.isStarted {
      exchange.log(.info, "client timed out (110: Connection timed out) while reading the body")
      return exchange.fail(.requestTimeout)
    }
    exchange.log(.info, "client timed out (110: Connection timed out) while sending to client")
    exchange.abort()
  }
}
