// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonIO

/// After a 101 the two connections are one tunnel of bytes, each side at the other's pace.
extension Exchange {
  func beginTunnel() {
    self.step = .tunnel
    self.client.uncork()
    self.touchTunnel()
    self.client.becomeTunnel()
  }

  /// Any traffic keeps the tunnel open; `read_timeout` without any ends it.
  private func touchTunnel() {
    if let service = self.route?.service { self.service.startTimer(service.readTimeout) }
  }

  func tunnel(fromService bytes: Span<UInt8>) {
    self.outcome.sentBodyBytes &+= UInt64(bytes.count)
    self.client.sendBody(bytes, isChunked: false, ends: false)
    if self.client.isBlocked { self.service.pauseReading() }
    self.touchTunnel()
  }

  func tunnel(fromClient bytes: Span<UInt8>) {
    self.service.sendBody(bytes, isChunked: false, self.loop)
    if self.service.isBlocked { self.client.pauseTunnel() }
    self.touchTunnel()
  }

  func tunnelClientEnded() {
    if self.isTunnelHalfClosed { return self.endTunnel() }
    self.isTunnelHalfClosed = true
    self.service.endTunnelWriting()
  }

  func tunnelUpstreamEnded() {
    if self.isTunnelHalfClosed { return self.endTunnel() }
    self.isTunnelHalfClosed = true
    self.client.endTunnelWriting()
  }

  func endTunnel() {
    guard self.step == .tunnel else { return }
    self.releaseUpstream(reusable: false)
    self.finish()
  }
}
