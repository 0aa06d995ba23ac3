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
  /// - Returns: nil where that is not possible, whatever the address; the error log says why.
  func secured(_ peer: Peer, _ service: ServiceRuntime) -> Peer? {
    self.adaptHost(to: peer.address.port)
    let name = self.serviceName(service)
    guard (1...Self.longestName).contains(name.utf8.count) else {
      self.log(.error, "the host is too long to be told to a service in TLS: \(name.utf8.count) bytes")
      return nil
    }
    do throws(ServiceContexts.Failure) {
      let context = try self.worker.serviceContexts.context(
        for: service, self.attempt.balancing.upstream?.entity, in: self.worker.snapshot, self.worker.errorLog)
      return peer.secured(
        by: context, name: name, sendsName: self.worker.serviceContexts.settings.sendsServerName)
    } catch {
      self.log(
        .error,
        "service '\(service.entity.name ?? service.entity.host)' cannot be spoken to in TLS: \(error.reason)")
      return nil
    }
  }

  /// RFC 1035 section 2.3.4: longer ones are no host names.
  private static let longestName = 255

  /// The endpoint's `Host` is kept for plain HTTP, where another port is left out.
  private func adaptHost(to port: UInt16) {
    switch port {
    case 443 where self.sending.endpointHost.suffix(4) == Array(":443".utf8)[...]:
      self.sending.endpointHost.removeLast(4)
    case 80: self.sending.endpointHost += Array(":80".utf8)
    default: break
    }
  }

  /// The host of the `Host` that the service gets, without a port and brackets.
  private func serviceName(_ service: ServiceRuntime) -> String {
    if !self.sending.edits.isEmpty, self.sending.edits.drops("host".utf8.span),
      let host = self.sending.edits.values("host").values.first
    {
      return Self.name(of: Array(host.utf8))
    }
    if self.route?.preserveHost == true, !self.received.head.authority.isEmpty {
      let bytes = self.received.bytes
      return Self.name(of: bytes[self.received.head.authority].array)
    }
    return Self.name(of: service.hostHeader ?? self.sending.endpointHost)
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
    guard self.step == .proxying, self.response.isStarted, self.response.body.framing == .untilClose else {
      return self.upstreamEnded()
    }
    self.log(.error, "upstream closed its connection without close_notify: the response may have been cut")
    self.breakOff()
  }

  /// What to log of a connection that failed while TLS was being agreed upon; nil when it was not.
  func handshakeFailure(_ error: SystemError) -> String? {
    guard let session = self.service.handshaking else { return nil }
    return "SSL_do_handshake() failed (\(session.failure ?? "\(error)")) while SSL handshaking to upstream"
  }
}
