// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonDNS
internal import GibbonHTTP1
internal import GibbonHTTP2
internal import GibbonIO
internal import GibbonModel
internal import GibbonRouting

/// One loop's share of the gateway: its listeners, connections, pools and its hold on the snapshot.
///
/// Confined to its event loop; nothing here is shared with another one.
final class Worker {
  let loop: EventLoop
  /// Of the loop, from 0.
  var number = 0
  let errorLog: ErrorLog
  let resolver: Resolver
  private(set) var settings: EngineSettings
  // The parts a request reads, as plain values: reading them copies no reference.
  private(set) var downstreamSettings: DownstreamSettings
  private(set) var upstreamSettings: UpstreamSettings
  private(set) var headerSettings: HeaderSettings
  /// `; charset=UTF-8`, or nothing.
  private(set) var charsetParameter: [UInt8]
  private(set) var believesPeers: Bool
  private(set) var snapshot: Snapshot
  private(set) var accessLog: AccessLog?

  var requestParser: RequestHeadParser
  var responseParser: ResponseHeadParser
  /// What one connection of HTTP/2 may cost, with clients and with services.
  private(set) var http2Limits: HTTP2Limits
  private(set) var serviceLimits: HTTP2Limits
  let routerScratch = RouterScratch()
  let upstreams: UpstreamDirectory
  let serviceContexts: ServiceContexts
  /// Of the upstreams whose addresses are probed on this loop.
  private var activeChecks: [EntityID: ActiveChecks] = [:]
  private(set) var isDraining = false

  private var listeners: [ListenerSettings: Listener] = [:]
  private var spareExchanges: [Exchange] = []
  private var random: RandomSource
  private var dateText = ByteBuffer()
  private var dateSecond: UInt64 = 0
  private var connections: [ObjectIdentifier: DownstreamConnection] = [:]
  private var crowd = ConnectionCrowd()
  private var drained: (@Sendable () -> Void)?
  private var acceptedCount = 0
  private var requestCount = 0

  init(
    loop: EventLoop, settings: EngineSettings, snapshot: Snapshot, errorLog: ErrorLog, resolver: Resolver,
    registry: UpstreamRegistry
  ) {
    self.loop = loop
    self.settings = settings
    self.downstreamSettings = settings.downstream
    self.upstreamSettings = settings.upstream
    self.headerSettings = settings.headers
    self.charsetParameter = TextCharset.parameter(settings.textCharset)
    self.believesPeers = settings.realIP.believesAnyone
    self.snapshot = snapshot
    self.errorLog = errorLog
    self.resolver = resolver
    self.random = RandomSource()
    self.requestParser = RequestHeadParser(limits: settings.downstream.headLimits)
    self.responseParser = ResponseHeadParser(limits: settings.upstream.headLimits)
    self.http2Limits = settings.http2Limits
    self.serviceLimits = settings.serviceHTTP2Limits
    self.upstreams = UpstreamDirectory(
      loop: loop, resolver: resolver, registry: registry, settings: settings.upstream)
    self.upstreams.use(serviceSlots: snapshot.serviceSlots)
    self.serviceContexts = ServiceContexts(settings: settings.serviceTLS)
    self.accessLog = settings.accessLog.map { AccessLog(file: $0, loop: loop) }
  }

  // MARK: Configuration in motion

  func use(_ snapshot: Snapshot) {
    self.snapshot = snapshot
    self.upstreams.use(serviceSlots: snapshot.serviceSlots)
    self.serviceContexts.snapshotChanged()
    for exchange in self.spareExchanges { exchange.snapshot = snapshot }
  }

  /// Takes over everything but the listeners.
  func use(_ settings: EngineSettings) {
    self.settings = settings
    self.downstreamSettings = settings.downstream
    self.upstreamSettings = settings.upstream
    self.headerSettings = settings.headers
    self.charsetParameter = TextCharset.parameter(settings.textCharset)
    self.believesPeers = settings.realIP.believesAnyone
    self.requestParser = RequestHeadParser(limits: settings.downstream.headLimits)
    self.responseParser = ResponseHeadParser(limits: settings.upstream.headLimits)
    self.http2Limits = settings.http2Limits
    self.serviceLimits = settings.serviceHTTP2Limits
    self.upstreams.settings = settings.upstream
    self.serviceContexts.use(settings.serviceTLS)
    self.accessLog?.flush()
    self.accessLog = settings.accessLog.map { AccessLog(file: $0, loop: self.loop) }
  }

  // MARK: Listeners

  /// Opens a listener, which accepts nothing before `startAccepting()`; throws what the system said.
  func listen(_ wanted: ListenerSettings) throws(SystemError) {
    let port = self.settings.portMap[wanted.address.port] ?? wanted.address.port
    self.listeners[wanted] = try Listener(
      loop: self.loop, address: wanted.address, options: wanted.options, isHeld: true,
      accepted: { [unowned self] socket in
        self.accept(socket, publicPort: port, wanted)
      },
      failed: { [unowned self] error in
        self.errorLog.write(.crit, "accept4() failed \(error): connections wait until descriptors are free")
      }, hasRoom: { [unowned self] in self.hasRoom() })
  }

  func startAccepting() { for listener in self.listeners.values { listener.startAccepting() } }

  func stopListening(_ unwanted: ListenerSettings) { self.listeners.removeValue(forKey: unwanted)?.close() }

  private func accept(_ socket: consuming AcceptedSocket, publicPort: UInt16, _ listener: ListenerSettings) {
    self.acceptedCount &+= 1
    do {
      let connection = try DownstreamConnection(
        worker: self, socket: socket, publicPort: publicPort, listener)
      self.connections[ObjectIdentifier(connection)] = connection
      if listener.isTLS, !listener.usesProxyProtocol { connection.beginTLS() }
    } catch {
      self.errorLog.write(.alert, "epoll_ctl() failed \(error)")
    }
  }

  /// Whether another client may be taken. At the limit those that wait for nothing make room.
  private func hasRoom() -> Bool {
    let limit = self.downstreamSettings.connectionLimit
    guard self.connections.count >= limit else { return true }
    let chosen = ConnectionCrowd.chosen(among: self.connections.values, limit: limit, now: self.loop.now)
    for connection in chosen { connection.abandon(saysSo: false) }
    self.crowd.closed += chosen.count
    if let notice = self.crowd.notice(at: self.loop.now, limit: limit) { self.errorLog.write(.warn, notice) }
    self.crowd.isWaiting = chosen.isEmpty
    return !chosen.isEmpty
  }

  func forget(_ connection: DownstreamConnection) {
    self.connections.removeValue(forKey: ObjectIdentifier(connection))
    if self.isDraining { self.reportIfDrained() }
    if self.crowd.isWaiting, self.connections.count < self.downstreamSettings.connectionLimit {
      self.crowd.isWaiting = false
      for listener in self.listeners.values { listener.resumeAccepting() }
    }
  }

  var counts: Engine.Counts {
    Engine.Counts(open: self.connections.count, accepted: self.acceptedCount, requests: self.requestCount)
  }

  // MARK: Ending

  /// Stops accepting, closes idle connections, lets requests under way finish, then reports once.
  func drain(_ done: @escaping @Sendable () -> Void) {
    self.isDraining = true
    self.drained = done
    for listener in self.listeners.values { listener.close() }
    self.listeners.removeAll()
    for connection in self.connections.values { connection.closeIfIdle() }
    self.reportIfDrained()
  }

  private func reportIfDrained() {
    guard self.connections.isEmpty, let drained = self.drained else { return }
    self.drained = nil
    self.accessLog?.flush()
    drained()
  }

  /// Of what is cut off, this many are named in the log.
  private static let namedCuts = 20

  /// Closes everything now.
  ///
  /// - Returns: what was cut off.
  func shutDown() -> Engine.UnderWay {
    for listener in self.listeners.values { listener.close() }
    self.listeners.removeAll()
    for checks in self.activeChecks.values { checks.end() }
    self.activeChecks = [:]
    var cut = Engine.UnderWay()
    for connection in self.connections.values {
      switch connection.underWay {
      case .request: cut.requests += 1
      case .tunnel: cut.tunnels += 1
      case nil: break
      }
      connection.abandon(saysSo: cut.requests + cut.tunnels <= Self.namedCuts)
    }
    self.accessLog?.flush()
    return cut
  }

  /// - Returns: how many there were.
  func endTunnels() -> Int {
    let tunnels = self.connections.values.filter { $0.underWay == .tunnel }
    for (index, tunnel) in tunnels.enumerated() { tunnel.abandon(saysSo: index < Self.namedCuts) }
    return tunnels.count
  }

  /// Probes the addresses of an upstream as this view says; nil ends that.
  func probe(_ id: EntityID, _ balancer: UpstreamBalancer?, _ view: BalancerView?) {
    guard let balancer, let view, view.runtime.hasActiveChecks,
      ActiveChecks.canProbe(view.runtime.entity.healthchecks.active.kind)
    else {
      self.activeChecks.removeValue(forKey: id)?.end()
      return
    }
    if let known = self.activeChecks[id] {
      known.use(view)
    } else {
      self.activeChecks[id] = ActiveChecks(worker: self, balancer: balancer, view: view)
    }
  }

  // MARK: For exchanges

  func takeExchange() -> Exchange {
    self.requestCount &+= 1
    guard let spare = self.spareExchanges.last else { return Exchange(worker: self) }
    self.changeSpareExchanges { $0.removeLast() }
    return spare
  }

  /// Exchanges kept for reuse.
  private static let spareExchangeLimit = 256

  func recycle(_ exchange: Exchange) {
    guard self.spareExchanges.count < Worker.spareExchangeLimit, exchange.isWorthKeeping else { return }
    exchange.reset()
    self.changeSpareExchanges { $0.append(exchange) }
  }

  /// As in `Exchange+Held`.
  @inline(__always)
  private func changeSpareExchanges(_ change: (inout [Exchange]) -> Void) {
    var spare: [Exchange] = []
    swap(&spare, &self.spareExchanges)
    change(&spare)
    swap(&spare, &self.spareExchanges)
  }

  func makeRequestID() -> (UInt64, UInt64) { (self.random.next(), self.random.next()) }

  /// Appends `Date`, formatted once a second.
  func appendDate(to output: inout ByteBuffer) {
    let second = self.loop.wallMicroseconds / 1_000_000
    if second != self.dateSecond {
      self.dateSecond = second
      var text = ByteBuffer()
      text.append("Date: ")
      WallTime(microseconds: self.loop.wallMicroseconds).appendHTTPDate(to: &text)
      text.append("\r\n")
      self.dateText = text
    }
    let text = self.dateText
    output.append(text.span)
  }
}

/// xoshiro256**, seeded by the system: ids that do not repeat, not secrets.
struct RandomSource: RandomNumberGenerator {
  private var a: UInt64, b: UInt64, c: UInt64, d: UInt64

  init() {
    var system = SystemRandomNumberGenerator()
    (self.a, self.b, self.c, self.d) = (system.next() | 1, system.next(), system.next(), system.next())
  }

  mutating func next() -> UInt64 {
    let product = self.b &* 5
    let result = (product << 7 | product >> 57) &* 9
    let shifted = self.b << 17
    self.c ^= self.a
    self.d ^= self.b
    self.b ^= self.c
    self.a ^= self.d
    self.c ^= shifted
    self.d = self.d << 45 | self.d >> 19
    return result
  }
}
