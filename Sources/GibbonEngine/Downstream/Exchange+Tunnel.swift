// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonIO

/// After a 101 the two connections are one tunnel of bytes, each side at the other's pace.
extension Exchange {
  func beginTunnel() {
    self.step = .tunnel
    self.downstream?.uncork()
    self.touchTunnel()
    self.downstream?.becomeTunnel()
  }

  /// Any traffic keeps the tunnel open; `read_timeout` without any ends it.
  private func touchTunnel() {
    guard let upstream = self.upstream, let service = self.route?.service else { return }
    upstream.setTimeout(milliseconds: service.readTimeout)
  }

  func tunnel(fromService bytes: Span<UInt8>) {
    guard let downstream = self.downstream else { return }
    self.sentBodyBytes &+= UInt64(bytes.count)
    downstream.write(bytes)
    if downstream.isBlocked { self.upstream?.pauseReading() }
    self.touchTunnel()
  }

  func tunnel(fromClient bytes: Span<UInt8>) {
    guard let upstream = self.upstream else { return }
    upstream.write(bytes)
    if upstream.isBlocked { self.downstream?.pauseReading() }
    self.touchTunnel()
  }

  func tunnelClientEnded() {
    if self.isTunnelHalfClosed { return self.endTunnel() }
    self.isTunnelHalfClosed = true
    self.upstream?.shutdownWriting()
  }

  func tunnelUpstreamEnded() {
    if self.isTunnelHalfClosed { return self.endTunnel() }
    self.isTunnelHalfClosed = true
    self.downstream?.shutdownWriting()
  }

  func endTunnel() {
    guard self.step == .tunnel else { return }
    self.releaseUpstream(reusable: false)
    self.finish()
  }
}
