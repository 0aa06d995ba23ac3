// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Dispatch
public import GibbonDNS
public import GibbonIO
internal import Synchronization

/// A listener that could not be opened.
public struct ListenError: Error, Sendable, CustomStringConvertible {
  public let address: SocketAddress
  public let cause: SystemError

  /// nginx's words: `bind() to 0.0.0.0:8000 failed (98: Address already in use)`.
  public var description: String { "bind() to \(self.address) failed \(self.cause)" }
}

/// The data plane: a worker on each of its loops, all serving the same snapshot.
///
/// Thread-safe; every call hands work to the loops and waits for them. Not to be called from a loop.
public final class Engine: Sendable {
  private struct State {
    var settings: EngineSettings
    var snapshot: Snapshot
    /// Replaced, and perhaps in use by requests under way. Freeing a large one takes a while: its last reference is
    /// here, and not that of a request that ends on a loop.
    var retired: [Snapshot] = []

    /// Those that nobody else has any more; nobody can get them back.
    mutating func unused() -> [Snapshot] {
      var unused: [Snapshot] = []
      for index in self.retired.indices.reversed() where isKnownUniquelyReferenced(&self.retired[index]) {
        unused.append(self.retired.remove(at: index))
      }
      return unused
    }
  }

  private let threads: [LoopThread]
  private let state: Mutex<State>
  let upstreams: UpstreamRegistry
  public let errorLog: ErrorLog

  /// Starts the loops. Nothing listens yet.
  public init(settings: EngineSettings, snapshot: Snapshot, errorLog: ErrorLog, resolver: Resolver) throws {
    self.errorLog = errorLog
    self.state = Mutex(State(settings: settings, snapshot: snapshot))
    let upstreams = UpstreamRegistry(resolver: resolver, errorLog: errorLog)
    self.upstreams = upstreams
    self.threads = try (0..<max(1, settings.workers)).map { index in
      try LoopThread(name: "gibbon-\(index)") { loop in
        let worker = Worker(
          loop: loop, settings: settings, snapshot: snapshot, errorLog: errorLog, resolver: resolver,
          registry: upstreams)
        worker.number = index
        return worker
      }
    }
    upstreams.use(self.threads.map(\.handle))
    upstreams.use(snapshot.upstreams)
    settings.tls?.chooser.use(snapshot.certificates, errorLog)
  }

  @discardableResult
  private func call<R: Sendable>(_ thread: LoopThread, _ body: @escaping @Sendable (Worker) -> R) -> R? {
    thread.call { _, owner in (owner as? Worker).map(body) } ?? nil
  }

  // MARK: Listeners

  /// Opens every listener on every loop. Either all are open afterwards or the first failure is thrown and
  /// none is.
  public func listen() throws(ListenError) {
    try self.open(self.state.withLock { $0.settings.listeners }, besides: [])
    for thread in self.threads { self.call(thread) { $0.startAccepting() } }
  }

  /// Opens listeners that accept nothing yet: all, or none.
  private func open(_ listeners: [ListenerSettings], besides open: [ListenerSettings]) throws(ListenError) {
    for listener in listeners {
      // Sharing a port with ourselves must not hide that somebody else has it.
      let isOurs = open.contains { $0.address == listener.address }
      let failure = (isOurs ? nil : Listener.probe(listener.address)) ?? self.open(listener)
      guard let failure else { continue }
      for opened in listeners { self.close(opened) }
      throw ListenError(address: listener.address, cause: failure)
    }
  }

  private func open(_ listener: ListenerSettings) -> SystemError? {
    // Without SO_REUSEPORT only one loop can bind; it then takes all connections of that address.
    for thread in self.threads.prefix(listener.options.reusePort ? self.threads.count : 1) {
      let failure = self.call(thread) { worker -> SystemError? in
        do throws(SystemError) {
          try worker.listen(listener)
          return nil
        } catch {
          return error
        }
      }
      if let failure, let failure { return failure }
    }
    return nil
  }

  private func close(_ listener: ListenerSettings) {
    for thread in self.threads { self.call(thread) { $0.stopListening(listener) } }
  }

  // MARK: Configuration in motion

  /// Makes every loop serve the new snapshot; when this returns, the next request anywhere sees it.
  public func use(_ snapshot: Snapshot) {
    let tls = self.state.withLock { state in
      state.retired.append(state.snapshot)
      state.snapshot = snapshot
      return state.settings.tls
    }
    self.upstreams.use(snapshot.upstreams)
    tls?.chooser.use(snapshot.certificates, self.errorLog)
    for thread in self.threads { self.call(thread) { $0.use(snapshot) } }
    self.freeRetired()
  }

  /// Whether replaced snapshots wait whose last request has ended.
  public var hasUnused: Bool {
    self.state.withLock { state in
      state.retired.indices.contains { isKnownUniquelyReferenced(&state.retired[$0]) }
    }
  }

  /// Frees them, on this thread.
  public func freeRetired() {
    // Not under the lock, which the counts of the Admin API wait for.
    withExtendedLifetime(self.state.withLock { $0.unused() }) {}
  }

  /// Applies settings that may change while running, listeners included, and a snapshot with them: every loop takes
  /// over both in one turn. New listeners are opened first; if one cannot be, nothing changes and the failure is
  /// thrown. The number of loops stays as it is.
  ///
  /// - Parameter snapshot: nil: the one that is served stays.
  public func use(_ settings: EngineSettings, _ snapshot: Snapshot? = nil) throws(ListenError) {
    let old = self.state.withLock { $0.settings }
    try self.open(settings.listeners.filter { !old.listeners.contains($0) }, besides: old.listeners)
    self.state.withLock { state in
      state.settings = settings
      guard let snapshot else { return }
      state.retired.append(state.snapshot)
      state.snapshot = snapshot
    }
    if let snapshot { self.upstreams.use(snapshot.upstreams) }
    settings.tls?.chooser.use(self.snapshot.certificates, self.errorLog)
    for thread in self.threads {
      self.call(thread) { worker in
        worker.use(settings)
        if let snapshot { worker.use(snapshot) }
        worker.startAccepting()
      }
    }
    for listener in old.listeners where !settings.listeners.contains(listener) { self.close(listener) }
    self.freeRetired()
  }

  /// The configuration being served.
  public var snapshot: Snapshot { self.state.withLock { $0.snapshot } }

  /// What the loops have seen since they began.
  public struct Counts: Sendable, Hashable {
    /// Client connections that are open now.
    public var open = 0
    public var accepted = 0
    public var requests = 0
  }

  public var counts: Counts {
    self.threads.reduce(into: Counts()) { sum, thread in
      let counts = self.call(thread) { $0.counts } ?? Counts()
      sum.open += counts.open
      sum.accepted += counts.accepted
      sum.requests += counts.requests
    }
  }

  /// The same for tasks, which must not wait for a loop on a thread of theirs.
  public func currentCounts() async -> Counts {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: self.counts) }
    }
  }

  // MARK: Ending

  /// Stops accepting and waits until every request under way is answered.
  public func drain() {
    let drained = DispatchSemaphore(value: 0)
    for thread in self.threads { self.call(thread) { $0.drain { drained.signal() } } }
    for _ in self.threads { drained.wait() }
  }

  /// What has begun and not ended.
  public struct UnderWay: Sendable, Hashable {
    public var requests = 0
    public var tunnels = 0

    public init(requests: Int = 0, tunnels: Int = 0) {
      self.requests = requests
      self.tunnels = tunnels
    }
  }

  /// Ends every tunnel; requests go on.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public func endTunnels() -> Int {
    self.threads.reduce(0) { sum, thread in sum + (self.call(thread) { $0.endTunnels() } ?? 0) }
  }

  /// Ends every connection and every loop. The error log names what was cut off.
  @discardableResult
  public func shutDown() -> UnderWay {
    self.upstreams.end()
    var cut = UnderWay()
    for thread in self.threads {
      let share = self.call(thread) { $0.shutDown() } ?? UnderWay()
      cut.requests += share.requests
      cut.tunnels += share.tunnels
      thread.stop()
    }
    for thread in self.threads { thread.join() }
    return cut
  }
}
