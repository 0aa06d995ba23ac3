// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI
internal import GibbonTLS

/// A request begins: who asks, and what is refused before any plugin sees it.
extension Exchange {
  /// The head is complete: fills in who and when, and runs the phases.
  ///
  /// - Parameter isDelimited: the client's side says where the body ends.
  func begin(on client: ClientSide, isDelimited: Bool) {
    self.client = client
    self.snapshot = self.worker.snapshot
    self.requestFlow.begin(
      self.received.head.framing, limits: self.worker.downstreamSettings.headLimits, isDelimited: isDelimited)
    self.closesDownstream =
      !self.received.head.isPersistent || client.isLastRequest || self.worker.isDraining
      || self.worker.downstreamSettings.keepAliveTimeout == 0
    self.identify(client)
    if let refusal = self.refusal() ?? self.normalizePath() {
      self.plugins.chain = self.snapshot.globalChain
      return self.fail(refusal)
    }
    self.step = .rewrite
    self.runRewrite()
  }

  /// Answers something that cannot be read as a request.
  func refuse(on client: ClientSide, _ reason: StaticString, as error: GatewayError) {
    self.client = client
    self.received.isRefused = true
    self.requestFlow.begin(.none, limits: self.worker.downstreamSettings.headLimits, isDelimited: false)
    self.identify(client)
    self.plugins.chain = self.snapshot.globalChain
    self.log(.info, "client sent \(reason)")
    self.fail(error)
  }

  /// Who asks, and under which id.
  func identify(_ client: ClientSide) {
    guard let connection = client.connection else { return }
    let received = self.received
    received.startedAt = self.loop.now
    received.startedWallMicroseconds = self.loop.wallMicroseconds
    received.id = self.worker.makeRequestID()
    self.outcome.sentBefore = client.sentBytes
    received.publicPort = connection.publicPort
    received.isEncrypted = connection.isEncrypted
    received.peer = connection.peer
    received.peerPort = connection.peerPort
    received.clientAddress = connection.client?.ip ?? connection.peer
    received.clientPort = connection.client?.port ?? connection.peerPort
    received.isPeerTrusted = false
    guard self.worker.believesPeers else { return }
    let realIP = self.worker.settings.realIP
    received.isPeerTrusted = realIP.trusts(connection.peer)
    if received.isPeerTrusted { self.applyRealIP(realIP) }
  }

  /// What nginx refuses before any plugin sees the request.
  private func refusal() -> GatewayError? {
    if self.received.isEncrypted, let refusal = self.client.connection?.security?.clientRefusal {
      return .clientCertificate(refusal)
    }
    let limit = self.worker.downstreamSettings.maxBodyBytes
    if limit > 0, case .contentLength(let length) = self.received.head.framing, length > limit {
      return .payloadTooLarge
    }
    switch self.received.head.method {
    case .trace, .connect: return .methodNotAllowed
    default: return nil
    }
  }

  /// Also refuses paths that lead above the root, as nginx does, and those that a service could resolve to others.
  private func normalizePath() -> GatewayError? {
    let flaws = self.received.normalizePath()
    return flaws.isEmpty ? nil : self.refusal(of: flaws)
  }

  /// nil where the flaw is allowed.
  func refusal(of flaws: PathFlaws) -> GatewayError? {
    if flaws.contains(.aboveRoot) {
      self.log(.info, "client sent a path that leads above the root")
      return .badRequest
    }
    guard flaws.contains(.ambiguous), !self.worker.downstreamSettings.allowsAmbiguousPaths else { return nil }
    self.log(.info, "client sent a path that a service may resolve to another one (allow_ambiguous_paths)")
    return .badRequest
  }
}
