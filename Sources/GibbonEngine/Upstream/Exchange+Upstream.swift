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
    if let path = self.upstreamPath {
      if let refusal = self.refusal(of: PathNormalizer.flaws(ofUnnormalized: path.utf8.span)) { return refusal }
    }
    guard self.head.has(.via), self.ownHops >= Exchange.hopLimit else { return nil }
    self.log(
      .error,
      "service '\(service.entity.name ?? service.entity.host)' leads back to this gateway: the request came through it "
        + "\(Exchange.hopLimit) times")
    return .loopDetected
  }

  /// How often `Via` names a gateway like this one.
  private var ownHops: Int {
    let bytes = self.headBytes
    var count = 0
    for field in self.head.fields where field.known == .via {
      var hops = FieldTokens(field.value)
      while let hop = hops.next(in: bytes.span) {
        if bytes[hop].equals(WireName.viaHTTP11) || bytes[hop].equals(WireName.viaHTTP10) { count &+= 1 }
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
      let began = self.chain.mayLog ? Clock.monotonicMicroseconds : 0
      let pick =
        if let target = self.upstreamTarget {
          self.worker.upstreams.pick(host: target.host, port: target.port, for: self)
        } else {
          self.worker.upstreams.pick(service, for: self)
        }
      switch pick {
      case .peer(let address, let host):
        self.endpointHost = host
        guard let peer = service.isUpstreamTLS ? self.secured(address, service) : address else {
          // That says nothing of the address.
          self.balancedTryWasStale()
          return self.fail(.invalidUpstreamResponse)
        }
        let isUnderWay = self.connect(to: peer, service)
        if self.chain.mayLog { self.noteTry(at: peer.address, began: began) }
        if isUnderWay { return self.sendRequest() }
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
    self.tries &+= 1
    self.proxyLatency = self.loop.now &- self.startedAt
    self.upstreamStartedAt = self.loop.now
    if let idle = peer.takeIdle() {
      self.upstream = idle
      idle.exchange = self
    } else {
      do throws(SystemError) {
        let connection = try UpstreamConnection(loop: self.loop, peer: peer)
        self.upstream = connection
        connection.exchange = self
        connection.setTimeout(milliseconds: service.connectTimeout)
      } catch {
        self.log(.error, "connect() to \(peer.address) failed \(error)")
        return false
      }
    }
    self.upstream?.exchanges &+= 1
    return true
  }

  /// Sends the head, and what is here of the body.
  private func sendRequest() {
    guard let upstream = self.upstream, let service = self.route?.service else { return }
    self.responseParser = self.worker.responseParser
    self.isUpstreamSpent = false
    if !self.responseBytes.isEmpty { self.keepResponseBytes(Span()) }
    upstream.cork()
    var output = upstream.takeOutput()
    self.writeRequestHead(to: &output, service: service, peer: upstream.peer)
    self.appendBody(to: &output)
    upstream.putOutput(consume output)
    if self.requestBody.isComplete { self.isRequestSent = true }
    if upstream.isConnected { self.noteSent() }
    self.inviteBody()
    // While the head is being taken in, the body's first bytes follow at once and leave with it.
    if self.isRequestSent || self.downstream?.isConsuming != true { self.startFlow() }
  }

  /// The end of a read that held the head, and perhaps the body's beginning.
  func startFlowIfCorked() {
    if self.step == .proxying, self.upstream?.isCorked == true { self.startFlow() }
  }

  /// Lets go of what was corked, and lets the body flow.
  func startFlow() {
    guard let upstream = self.upstream else { return }
    upstream.uncork()
    self.setUpstreamTimeout()
    if !self.isRequestSent, !upstream.isBlocked { self.downstream?.resumeBody() }
  }

  /// What the service may take its time with now.
  func setUpstreamTimeout() {
    guard let upstream = self.upstream, let service = self.route?.service, upstream.isConnected else { return }
    if upstream.isBlocked {
      upstream.setTimeout(milliseconds: service.writeTimeout)
    } else if self.isRequestSent || self.isResponseStarted {
      upstream.setTimeout(milliseconds: service.readTimeout)
    } else {
      // The client is the slow one; its own timeout runs.
      upstream.clearTimeout()
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
    if !self.effectiveMethod.isIdempotentForRetry { self.isRetrySafe = false }
  }

  func upstreamFlushed() {
    self.setUpstreamTimeout()
    if self.step == .tunnel {
      self.downstream?.resumeReading()
    } else if !self.isRequestSent {
      self.downstream?.resumeBody()
    }
  }

  func upstreamEnded() {
    switch self.step {
    case .tunnel: self.tunnelUpstreamEnded()
    case .proxying where self.isResponseStarted: self.responseEnded()
    case .proxying:
      self.log(.error, "upstream prematurely closed connection while reading response header from upstream")
      self.tryAgain(orFail: .invalidUpstreamResponse)
    default: self.releaseUpstream(reusable: false)
    }
  }

  func upstreamFailed(_ error: SystemError) {
    switch self.step {
    case .tunnel: self.endTunnel()
    case .proxying where self.isResponseStarted:
      self.log(.error, "recv() failed \(error) while reading upstream")
      self.breakOff()
    case .proxying:
      let call = self.upstream?.isConnected == true ? "recv()" : "connect()"
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
    case .proxying where self.isResponseStarted:
      self.log(.error, "upstream timed out while reading upstream")
      self.breakOff()
    case .proxying:
      let doing = self.upstream?.isConnected == true ? "reading response header from" : "connecting to"
      self.log(.error, "upstream timed out (110: Connection timed out) while \(doing) upstream")
      self.tryAgain(orFail: .upstreamTimeout)
    default: self.releaseUpstream(reusable: false)
    }
  }

  // MARK: Trying again

  /// A connection out of the pool that broke before a byte came back was stale: that try does not count.
  private func tryAgain(orFail error: GatewayError) {
    if let upstream = self.upstream, upstream.isReused, self.responseBytes.isEmpty, error.status == 502 {
      self.tries &-= 1
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
    return error.mayRetry && self.tries <= retries && self.isRetrySafe && self.isBodyKept && !self.isResponseStarted
  }

  /// The method the service sees.
  var effectiveMethod: HTTPMethod {
    self.upstreamMethod.map { HTTPMethod.of($0.utf8.span) } ?? self.head.method
  }

  /// Lets go of the connection: back to its pool, or closed.
  func releaseUpstream(reusable: Bool) {
    guard let upstream = self.upstream else { return }
    self.upstream = nil
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
