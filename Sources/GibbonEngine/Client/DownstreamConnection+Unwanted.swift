// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO

/// What a connection reads that is no request: a PROXY protocol header before the first one, and the rest of
/// a body that nobody wants after the last.
extension DownstreamConnection {
  func readProxyHeader(_ bytes: Span<UInt8>, _ offset: Int) -> Int {
    switch ProxyHeader.parse(bytes.extracting(droppingFirst: offset)) {
    case .needMoreData: return offset
    case .failed:
      self.worker.errorLog.write(.error, "broken header in PROXY protocol from \(self.peer.map { "\($0)" } ?? "unix:")")
      self.end()
      return bytes.count
    case .complete(let count, let source):
      if let source, self.worker.settings.realIP.trusts(self.peer), self.worker.settings.realIP.usesProxyProtocol {
        self.client = source
      }
      self.state = Self.opening(self.isEncrypted, self.maySpeakHTTP2)
      guard self.isEncrypted else { return offset &+ count }
      self.beginTLS(bytes.extracting(droppingFirst: offset &+ count))
      return bytes.count
    }
  }

  func drain(_ bytes: Span<UInt8>, _ offset: Int) -> Int {
    guard var body = self.drainingBody else { return bytes.count }
    var offset = offset
    while !body.isComplete {
      switch body.next(bytes, from: offset) {
      case .data(let range): offset = range.upperBound
      case .end(let end): offset = end
      case .needMoreData:
        self.drainingBody = body
        let left = Int(clamping: Int64(bitPattern: self.drainsUntil &- self.loop.now))
        self.setTimeout(milliseconds: min(left, self.worker.downstreamSettings.lingeringTimeout))
        return bytes.count
      case .failed:
        self.end()
        return bytes.count
      }
    }
    self.drainingBody = nil
    self.awaitNextRequest()
    return offset
  }

  /// Closes so that the response is not lost: a close with unread input makes the kernel send a reset,
  /// which can overtake the last bytes.
  func linger(_ exchange: Exchange) {
    guard !self.isPeerClosed,
      !exchange.requestFlow.body.isComplete || exchange.received.isRefused || !self.leftover.isEmpty
    else { return self.end() }
    if !self.leftover.isEmpty { self.leftover = ByteBuffer() }
    self.state = .lingering
    self.shutdownWriting()
    self.setTimeout(milliseconds: self.worker.downstreamSettings.lingeringTimeout)
    self.resumeReading()
  }
}
