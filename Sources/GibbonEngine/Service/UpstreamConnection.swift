// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO

/// A connection to a service: carries one exchange at a time, waits in its peer's pool between them.
///
/// It decides nothing: every event goes to the exchange, or ends the idle connection.
final class UpstreamConnection: Connection {
  let peer: Peer
  var exchange: Exchange?
  /// Exchanges begun on this connection, this one included.
  var exchanges = 0
  var idleIndex = -1
  private(set) var isConnected = false

  init(loop: EventLoop, peer: Peer) throws(SystemError) {
    self.peer = peer
    try super.init(loop: loop, connectingTo: peer.address)
  }

  /// Whether an earlier exchange used it, so that it may have gone stale meanwhile.
  var isReused: Bool { self.exchanges > 1 }

  override func didConnect() {
    guard let security = self.peer.security else { return self.didSecure() }
    self.secure(
      by: security.context, serverName: security.serverName, verifiedName: security.name,
      address: "\(self.peer.address)")
  }

  override func didSecure() {
    self.isConnected = true
    self.exchange?.upstreamConnected()
  }

  override func received(_ bytes: Span<UInt8>) {
    guard let exchange = self.exchange else { return self.dropIdle() }
    exchange.upstreamReceived(bytes)
  }

  override func receivedEnd() {
    guard let exchange = self.exchange else { return self.dropIdle() }
    exchange.upstreamEnded()
  }

  override func receivedCut() {
    guard let exchange = self.exchange else { return self.dropIdle() }
    exchange.upstreamCut()
  }

  override func didFlush() { self.exchange?.upstreamFlushed() }

  override func didProgress() { self.exchange?.setUpstreamTimeout() }

  override func didFail(_ error: SystemError) {
    guard let exchange = self.exchange else { return self.dropIdle() }
    exchange.upstreamFailed(error)
  }

  override func timerFired() {
    guard let exchange = self.exchange else { return self.dropIdle() }
    exchange.upstreamTimedOut()
  }

  private func dropIdle() {
    self.peer.remove(self)
    self.close()
  }
}
