// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonTLS

/// TLS towards the service of a request.
extension Exchange {
  /// The peer spoken to in TLS: as the service says, and with the name of the `Host` that is sent.
  ///
  /// - Returns: nil where the service's certificates cannot be used; the error log says why.
  func secured(_ peer: Peer, _ service: ServiceRuntime) -> Peer? {
    if HostText.isDefault(peer.address.port, isEncrypted: true) { self.dropPort(of: peer.address.port) }
    do throws(ServiceContexts.Failure) {
      let context = try self.worker.serviceContexts.context(
        for: service, self.balancing.upstream?.entity, in: self.snapshot, self.worker.errorLog)
      return peer.secured(
        by: context, name: self.serviceName(service),
        sendsName: self.worker.serviceContexts.settings.sendsServerName)
    } catch {
      self.log(
        .error,
        "service '\(service.entity.name ?? service.entity.host)' cannot be spoken to in TLS: \(error.reason)")
      return nil
    }
  }

  /// The endpoint's `Host` was made for plain HTTP: 443 is left out of one for TLS.
  private func dropPort(of port: UInt16) {
    let suffix = Array(":\(port)".utf8)
    if self.endpointHost.count > suffix.count, self.endpointHost.suffix(suffix.count) == suffix[...] {
      self.endpointHost.removeLast(suffix.count)
    }
  }

  /// The host of the `Host` that the service gets, without a port and brackets.
  private func serviceName(_ service: ServiceRuntime) -> String {
    if !self.upstreamEdits.isEmpty, self.upstreamEdits.drops("host".utf8.span),
      let host = self.upstreamEdits.values("host").values.first
    {
      return Self.name(of: Array(host.utf8))
    }
    if self.route?.preserveHost == true, !self.head.authority.isEmpty {
      let bytes = self.headBytes
      return Self.name(of: bytes[self.head.authority].array)
    }
    return Self.name(of: service.hostHeader ?? self.endpointHost)
  }

  private static func name(of host: [UInt8]) -> String {
    var name = host[...]
    if name.first == UInt8(ascii: "["), let end = name.firstIndex(of: UInt8(ascii: "]")) {
      name = name[1..<end]
    } else if let colon = name.lastIndex(of: UInt8(ascii: ":")) {
      name = name[..<colon]
    }
    return String(decoding: name, as: UTF8.self)
  }

  // MARK: Events

  /// The service closed without saying in TLS that this is the end.
  func upstreamCut() {
    guard self.step == .proxying, self.isResponseStarted, self.responseBody.framing == .untilClose else {
      return self.upstreamEnded()
    }
    self.log(.error, "upstream closed its connection without close_notify: the response may have been cut")
    self.breakOff()
  }

  /// What to log of a connection that failed while TLS was being agreed upon; nil when it was not.
  func handshakeFailure(_ error: SystemError) -> String? {
    guard let upstream = self.upstream, upstream.isHandshaking else { return nil }
    return "SSL_do_handshake() failed (\(upstream.security?.failure ?? "\(error)")) while SSL handshaking to upstream"
  }
}
