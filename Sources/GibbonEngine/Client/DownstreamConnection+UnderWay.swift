// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO

/// What the end of the gateway cuts off.
extension DownstreamConnection {
  enum UnderWay { case request, tunnel }

  /// What would be lost if the connection ended now; nil between requests and within a head.
  var underWay: UnderWay? {
    if let http2 = self.http2 { return http2.openCount > 0 ? .request : nil }
    return switch self.state {
    case .tunnel: .tunnel
    case .body, .busy: self.exchange == nil ? nil : .request
    case .proxyHeader, .preface, .head, .draining, .lingering, .closing: nil
    }
  }

  /// Nothing is under way: ends at once, for a graceful stop.
  func closeIfIdle() {
    if let http2 = self.http2 { return http2.drain() }
    if self.state == .head || self.state == .preface, self.exchange == nil { self.end() }
  }

  /// Ends at once, whatever is under way.
  ///
  /// - Parameter saysSo: whether the error log names it.
  func abandon(saysSo: Bool) {
    if let http2 = self.http2 {
      self.close()
      return http2.abortStreams()
    }
    if saysSo, let underWay = self.underWay {
      self.exchange?.log(.warn, "\(underWay) was cut off by the end of the gateway")
    }
    let exchange = self.exchange
    self.exchange = nil
    self.close()
    exchange?.abort()
  }
}
