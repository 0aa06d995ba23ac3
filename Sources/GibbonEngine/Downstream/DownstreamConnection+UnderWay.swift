// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What the end of the gateway cuts off.
extension DownstreamConnection {
  enum UnderWay { case request, tunnel }

  /// What would be lost if the connection ended now; nil between requests and within a head.
  var underWay: UnderWay? {
    switch self.state {
    case .tunnel: .tunnel
    case .body, .busy: self.exchange == nil ? nil : .request
    case .proxyHeader, .head, .draining, .lingering, .closing: nil
    }
  }
}
