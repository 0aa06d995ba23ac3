// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI

/// Balance and proxy: choosing a peer, connecting, trying again.
extension Exchange {
  /// Access is over and nobody answered.
  func proxy() {
    guard let service = self.route?.service else { return self.fail(.noService) }
    if let refusal = self.refusalToProxy(service) { return self.fail(refusal) }
    if self.mustHoldBody { return self.beginHolding() }
    self.balance()
  }

  /// Times a request may come through gateways that name themselves as this one does. Each time costs two descriptors,
  /// so a service that leads back here is noticed long before they run out.
  private static let hopLimit = 10

  /// What plugins made of the path, and the way the request came.
  private func refusalToProxy(_ service: ServiceRuntime) -> GatewayError? {
    if let path = self.sending.path {
      if let refusal = self.refusal(of: PathNormalizer.flaws(ofUnnormalized: path.utf8.span)) { return refusal }
    }
    guard self.received.head.has(.via), self.ownHops >= Exchange.hopLimit else { return nil }
    self.log(
      .error,
      "service '\(service.entity.name ?? service.entity.host)' leads back to this gateway: the request came through it "
        + "\(Exchange.hopLimit) times")
    return .loopDetected
  }

  /// How often `Via` names a gateway like this one.
  private var ownHops: Int {
    let bytes = self.received.bytes
    var count = 0
    for field in self.received.head.fields where field.known == .via {
      var hops = FieldTokens(field.value)
      while let hop = hops.next(in: bytes.span) {
        let hop = bytes[hop]
        if hop.equals(WireName.viaHTTP11) || hop.equals(WireName.viaHTTP10) || hop.equals(WireName.viaHTTP2) {
          count &+= 1
        }
      }
    }
    return count
  }

  /// Tries of one request that fail before a connection is even under way, at most: each costs this loop
  /// time while nothing else runs on it.
  private static let immediateFailureLimit = 16

  func balance() {
    guard let service = self.route?.service else { return }
    for _ in 0..<Exchange.immediateFailureLimit {
      let began = self.plugins.chain.mayLog ? Clock.monotonicMicroseconds : 0
      let pick =
        if let target = self.sending.target {
          self.worker.upstreams.pick(host: target.host, port: target.port, for: self)
        } else {
          self.worker.upstreams.pick(service, for: self)
        }
      switch pick {
      case .peer(let address, let host):
        self.sending.endpointHost = host
        guard let peer = service.isUpstreamTLS ? self.secured(address, service) : address else {
          // That says nothing of the address.
          self.balancedTryWasStale()
          return self.fail(.invalidUpstreamResponse)
        }
        let isUnderWay = self.connect(to: peer, service)
        if self.plugins.chain.mayLog { self.noteTry(at: peer.address, began: began) }
        if isUnderWay { return self.sendRequest(service) }
        self.noteTryFailed(.invalidUpstreamResponse)
        self.balancedTryFailed(.invalidUpstreamResponse)
        guard self.mayRetry(.invalidUpstreamResponse) else { return self.fail(.invalidUpstreamResponse) }
      case .waiting:
        self.step = .resolving
        return
      case .failed(let error, let reason):
        self.log(.error, reason)
        return self.fail(error)
      }
    }
    self.fail(.invalidUpstreamResponse)
  }

  /// A name the exchange waited for is resolved, or is known not to be.
  func hostResolved(generation: UInt64) {
    guard self.generation == generation, self.step == .resolving else { return }
    self.balance()
  }

  /// Takes an idle connection or begins a new one. False when none can be begun.
  private func connect(to peer: Peer, _ service: ServiceRuntime) -> Bool {
    self.step = .proxying
    self.attempt.tries &+= 1
    self.outcome.proxyLatency = self.loop.now &- self.received.startedAt
    self.attempt.startedAt = self.loop.now
    do throws(SystemError) {
      if service.speaksHTTP2 {
        self.service = .http2(try self.takeStream(to: peer, service))
      } else {
        self.service = .http1(try self.takeConnection(to: peer, service))
      }
      return true
    } catch {
      self.log(.error, "connect() to \(peer.address) failed \(error)")
      return false
    }
  }

  private func takeConnection(to peer: Peer, _ service: ServiceRuntime) throws(SystemError) -> UpstreamConnection {
    let connection: UpstreamConnection
    if let idle = peer.takeIdle() {
      connection = idle
    } else {
      connection = try UpstreamConnection(loop: self.loop, peer: peer)
      connection.setTimeout(milliseconds: service.connectTimeout)
    }
    connection.exchange = self
    connection.exchanges &+= 1
    return connection
  }

  private func takeStream(to peer: Peer, _ service: ServiceRuntime) throws(SystemError) -> ServiceStream {
    let stream = try peer.sharedConnection(self.worker).takeStream(for: self)
    if !stream.isConnected { stream.startTimer(service.connectTimeout) }
    return stream
  }

  /// Sends the head, and what is here of the body.
  private func sendRequest(_ service: ServiceRuntime) {
    self.attempt.parser = self.worker.responseParser
    self.attempt.isUpstreamSpent = false
    if !self.response.bytes.isEmpty { self.response.keepBytes(Span()) }
    switch self.service {
    case .none: return
    case .http1(let connection): self.sendHead(over: connection, service)
    case .http2(let stream):
      guard self.sendHead(over: stream, service) else { return self.upstreamUnprocessed() }
    }
    if self.requestFlow.body.isComplete { self.requestFlow.isSent = true }
    if self.service.isConnected { self.noteSent() }
    self.inviteBody()
    // While the head is being taken in, the body's first bytes follow at once and leave with it.
    if self.requestFlow.isSent || !self.client.isConsuming { self.startFlow() }
  }

  private func sendHead(over connection: UpstreamConnection, _ service: ServiceRuntime) {
    connection.cork()
    var output = connection.takeOutput()
    self.writeRequestHead(to: &output, service: service)
    self.appendBody(to: &output)
    connection.putOutput(consume output)
  }

  /// The end of a read that held the head, and perhaps the body's beginning.
  func startFlowIfCorked() {
    if self.step == .proxying, self.service.isCorked { self.startFlow() }
  }

  /// Lets go of what was corked, and lets the body flow.
  func startFlow() {
    guard self.service.isPresent else { return }
    self.service.uncork()
    self.setUpstreamTimeout()
    if !self.requestFlow.isSent, !self.service.isBlocked { self.client.resumeBody() }
  }

  /// What the service may take its time with now.
  func setUpstreamTimeout() {
    let side = self.service
    guard let service = self.route?.service, side.isConnected else { return }
    if side.isBlocked {
      side.startTimer(service.writeTimeout)
    } else if self.requestFlow.isSent || self.response.isStarted {
      side.startTimer(service.readTimeout)
    } else {
      // The client is the slow one; its own timeout runs.
      side.stopTimer()
    }
  }

  // MARK: Events

  func upstreamConnected() {
    self.setUpstreamTimeout()
    // What was written meanwhile is on its way, as far as the rules of retrying know.
    self.noteSent()
  }

  /// Bytes of the request may have reached the service.
  func noteSent() {
    if !self.effectiveMethod.isIdempotentForRetry { self.attempt.isRetrySafe = false }
  }

  func upstreamFlushed() {
    self.setUpstreamTimeout()
    if self.step == .tunnel {
      self.client.resumeTunnel()
    } else if !self.requestFlow.isSent {
      self.client.resumeBody()
    }
  }

  func upstreamEnded() {
    switch self.step {
    case .tunnel: self.tunnelUpstreamEnded()
    case .proxying where self.response.isStarted: self.responseEnded()
    case .proxying:
      self.log(.error, "upstream prematurely closed connection while reading response header from upstream")
      self.tryAgain(orFail: .invalidUpstreamResponse)
    default: self.releaseUpstream(reusable: false)
    }
  }

  func upstreamFailed(_ error: SystemError) {
    switch self.step {
    case .tunnel: self.endTunnel()
    case .proxying where self.response.isStarted:
      self.log(.error, "recv() failed \(error) while reading upstream")
      self.breakOff()
    case .proxying:
      let call = self.service.isConnected ? "recv()" : "connect()"
      let handshakeFailure = self.handshakeFailure(error)
      self.log(.error, handshakeFailure ?? "\(call) failed \(error) while connecting to upstream")
      // The client chose the name: that the certificate is for another one says nothing of the address.
      if handshakeFailure != nil, self.route?.preserveHost == true { self.balancedTryWasStale() }
      self.tryAgain(orFail: .invalidUpstreamResponse)
    default: self.releaseUpstream(reusable: false)
    }
  }

  func upstreamTimedOut() {
    switch self.step {
    case .tunnel:
      self.log(.info, "the tunnel was idle for too long")
      self.endTunnel()
    case .proxying where self.response.isStarted:
      self.log(.error, "upstream timed out while reading upstream")
      self.breakOff()
    case .proxying:
      let doing = self.service.isConnected ? "reading response header from" : "connecting to"
      self.log(.error, "upstream timed out (110: Connection timed out) while \(doing) upstream")
      self.tryAgain(orFail: .upstreamTimeout)
    default: self.releaseUpstream(reusable: false)
    }
  }

  // MARK: Trying again

  /// A connection out of the pool that broke before a byte came back was stale: that try does not count.
  private func tryAgain(orFail error: GatewayError) {
    if self.service.isReused, self.response.bytes.isEmpty, error.status == 502 {
      self.attempt.tries &-= 1
      self.balancedTryWasStale()
    }
    self.retry(orFail: error)
  }

  func retry(orFail error: GatewayError) {
    self.releaseUpstream(reusable: false)
    self.noteTryFailed(error)
    self.balancedTryFailed(error)
    guard self.mayRetry(error) else { return self.fail(error) }
    self.balance()
  }

  /// nginx's rules: not after a response began, not when a method that changes things may have been carried
  /// out, not more often than the service allows.
  private func mayRetry(_ error: GatewayError) -> Bool {
    let retries = self.route?.service?.retries ?? 0
    return error.mayRetry && self.attempt.tries <= retries && self.attempt.isRetrySafe && self.requestFlow.isKept
      && !self.response.isStarted
  }

  /// The method the service sees.
  var effectiveMethod: HTTPMethod {
    self.sending.method.map { HTTPMethod.of($0.utf8.span) } ?? self.received.head.method
  }

  /// Lets go of the connection: back to its pool, or closed.
  func releaseUpstream(reusable: Bool) {
    let side = self.service
    self.service = .none
    switch side {
    case .none: break
    case .http1(let connection): self.release(connection, reusable: reusable)
    case .http2(let stream): stream.finish()
    }
  }

  private func release(_ upstream: UpstreamConnection, reusable: Bool) {
    upstream.exchange = nil
    let settings = self.worker.upstreamSettings
    guard reusable, settings.poolSize > 0, upstream.isOpen, !upstream.isPeerClosed, !upstream.isBlocked,
      upstream.exchanges < settings.maxRequests
    else { return upstream.close() }
    upstream.resumeReading()
    upstream.setTimeout(milliseconds: settings.idleTimeout)
    upstream.peer.keep(upstream, limit: settings.poolSize)
  }
}
