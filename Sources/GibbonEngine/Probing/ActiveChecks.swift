// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonIO
internal import GibbonModel
internal import GibbonTLS

/// Probes the addresses of one upstream: one prober for each on the whole node. Confined to its loop.
final class ActiveChecks {
  private unowned let worker: Worker
  let balancer: UpstreamBalancer
  private(set) var upstream: Upstream
  private(set) var settings: Healthchecks.Active
  private(set) var rules: HealthRules
  private var hostHeader: String?
  private var probers: [ObjectIdentifier: Prober] = [:]
  private var waiting: [Prober] = []
  private var runningCount = 0
  private var random = RandomSource()

  init(worker: Worker, balancer: UpstreamBalancer, view: BalancerView) {
    self.worker = worker
    self.balancer = balancer
    self.upstream = view.runtime.entity
    self.settings = view.runtime.entity.healthchecks.active
    self.rules = view.runtime.active
    self.use(view)
  }

  /// Kinds that are probed; the others need HTTP/2.
  static func canProbe(_ kind: Healthchecks.Kind) -> Bool { kind == .http || kind == .https || kind == .tcp }

  var loop: EventLoop { self.worker.loop }

  /// How TLS is spoken with addresses of type `https`.
  func context() throws(ServiceContexts.Failure) -> TLSClientContext {
    try self.worker.serviceContexts.context(forProbing: self.upstream, in: self.worker.snapshot, self.worker.errorLog)
  }

  /// Takes over targets and settings. Probers of addresses that are there still go on in their time.
  func use(_ view: BalancerView) {
    let settings = view.runtime.entity.healthchecks.active
    let hasOtherTimes =
      settings.healthy.interval != self.settings.healthy.interval
      || settings.unhealthy.interval != self.settings.unhealthy.interval
    self.settings = settings
    self.upstream = view.runtime.entity
    self.rules = view.runtime.active
    self.hostHeader = view.runtime.entity.hostHeader
    var kept: [ObjectIdentifier: Prober] = [:]
    for entry in view.table.entries where entry.weight > 0 {
      let id = ObjectIdentifier(entry.address)
      if let known = self.probers.removeValue(forKey: id) {
        kept[id] = known
        if hasOtherTimes { known.schedule(milliseconds: self.spread) }
      } else {
        let prober = Prober(entry.address, self)
        kept[id] = prober
        prober.schedule(milliseconds: self.spread)
      }
    }
    for prober in self.probers.values { prober.end() }
    self.probers = kept
    self.waiting.removeAll { kept[ObjectIdentifier($0.address)] == nil }
  }

  func end() {
    for prober in self.probers.values { prober.end() }
    self.probers = [:]
    self.waiting = []
  }

  /// No address is probed more often, whatever is configured.
  private static let leastInterval = 100

  func interval(_ seconds: Double) -> Int? {
    seconds > 0 ? max(Self.leastInterval, Int(min(seconds, 65_535) * 1000)) : nil
  }

  /// How often probers look whether it is time.
  var tick: Int {
    let both = [self.interval(self.settings.healthy.interval), self.interval(self.settings.unhealthy.interval)]
    return both.compactMap { $0 }.min() ?? 1000
  }

  /// Somewhere in the first interval, so that probes are spread over it.
  private var spread: Int { Int(self.random.next() % UInt64(max(1, self.tick))) }

  var timeoutMilliseconds: Int {
    self.settings.timeoutSeconds > 0 ? max(1, Int(min(self.settings.timeoutSeconds, 65_535) * 1000)) : 1000
  }

  /// Begins a probe, or lets it wait for one of the places that `concurrency` gives.
  func ask(_ prober: Prober) {
    guard self.runningCount < self.settings.concurrency else { return self.waiting.append(prober) }
    self.runningCount += 1
    prober.begin()
  }

  /// A probe is over.
  func finished(_ prober: Prober, _ report: HealthReport?, _ evidence: @autoclosure () -> String) {
    self.runningCount -= 1
    if let report {
      self.balancer.report(report, self.rules, of: prober.address, "probes, the last one: \(evidence())")
    }
    guard !self.waiting.isEmpty else { return }
    let next = self.waiting.removeFirst()
    self.runningCount += 1
    next.begin()
  }

  /// What an HTTP probe sends.
  func request(to address: TargetAddress) -> ByteBuffer {
    var output = ByteBuffer()
    output.append("GET ")
    for byte in self.settings.path.utf8 {
      if byte <= 0x20 || byte == 0x7F { output.append(byte.percentEscape) } else { output.append(byte) }
    }
    output.append(" HTTP/1.0\r\n")
    var hasHost = false
    for field in self.settings.headers {
      if Array(field.name.utf8).span.equalsIgnoringCase("host".utf8.span) { hasHost = true }
      for value in field.values { Self.append(field.name, value, to: &output) }
    }
    if !hasHost { Self.append("Host", self.hostHeader ?? address.key.host, to: &output) }
    output.append("\r\n")
    return output
  }

  private static func append(_ name: String, _ value: String, to output: inout ByteBuffer) {
    output.append(text: name)
    output.append(": ")
    // A line break would begin another field.
    for byte in value.utf8 { output.append(byte < 0x20 || byte == 0x7F ? UInt8.space : byte) }
    output.append("\r\n")
  }
}

/// The probes of one address, one after the other. Confined to its loop.
final class Prober: Timed {
  let address: TargetAddress
  private let checks: ActiveChecks
  private var connection: ProbeConnection?
  private var isUnderWay = false
  private var hasEnded = false
  private var lastBegan: UInt64 = 0

  init(_ address: TargetAddress, _ checks: ActiveChecks) {
    self.address = address
    self.checks = checks
    super.init()
  }

  func schedule(milliseconds: Int) { self.checks.loop.schedule(self, after: milliseconds) }

  override func timerFired() {
    guard !self.hasEnded else { return }
    self.schedule(milliseconds: self.checks.tick)
    let settings = self.checks.settings
    let seconds = self.address.isAvailable ? settings.healthy.interval : settings.unhealthy.interval
    guard !self.isUnderWay, let interval = self.checks.interval(seconds) else { return }
    // Timers are coarse: a probe that would be due before the next look is due now.
    let elapsed = self.checks.loop.now &- self.lastBegan
    guard self.lastBegan == 0 || elapsed &+ 40 >= UInt64(interval) else { return }
    self.isUnderWay = true
    self.checks.ask(self)
  }

  /// Called when there is a place for it.
  func begin() {
    self.lastBegan = self.checks.loop.now
    let target = SocketAddress.internet(self.address.key.ip, port: self.address.key.port)
    do throws(SystemError) {
      let connection = try ProbeConnection(loop: self.checks.loop, to: target, prober: self)
      self.connection = connection
      connection.setTimeout(milliseconds: self.checks.timeoutMilliseconds)
    } catch {
      self.finish(.tcpFailure, "connect() failed \(error)")
    }
  }

  func end() {
    self.hasEnded = true
    self.checks.loop.cancel(self)
    if self.connection != nil { self.finish(nil, "") }
  }

  // MARK: Told by the connection

  func connected() {
    guard let connection = self.connection else { return }
    switch self.checks.settings.kind {
    case .tcp: self.finish(.success, "connected")
    case .https: self.secure(connection)
    case .http, .grpc, .grpcs: self.ask(connection)
    }
  }

  private func secure(_ connection: ProbeConnection) {
    let name = self.checks.settings.sni ?? self.address.key.host
    do throws(ServiceContexts.Failure) {
      let context = try self.checks.context()
      connection.secure(by: context, serverName: name, verifiedName: name, address: "\(self.address.key.ip)")
    } catch {
      self.finish(.tcpFailure, error.reason)
    }
  }

  func secured() {
    if let connection = self.connection { self.ask(connection) }
  }

  private func ask(_ connection: ProbeConnection) {
    connection.setTimeout(milliseconds: self.checks.timeoutMilliseconds)
    let request = self.checks.request(to: self.address)
    connection.write(request.span)
  }

  func answered(_ status: Int) {
    self.finish(
      self.checks.rules.report(ofStatus: status), status == 0 ? "an answer that is not HTTP" : "status \(status)")
  }

  func timedOut() { self.finish(.timeout, "no answer in \(self.checks.timeoutMilliseconds) ms") }

  func failed(_ reason: String) { self.finish(.tcpFailure, reason) }

  private func finish(_ report: HealthReport?, _ evidence: String) {
    let connection = self.connection
    self.connection = nil
    self.isUnderWay = false
    connection?.close()
    self.checks.finished(self, self.hasEnded ? nil : report, evidence)
  }
}
