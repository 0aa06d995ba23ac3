// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonCore
internal import GibbonDNS
internal import GibbonEngine
internal import GibbonIO
internal import GibbonSchema
internal import GibbonStore
internal import Synchronization

/// The running node as the Admin API sees it.
final class NodeView: AdminNode {
  let facts: NodeFacts
  private let shown: Mutex<JSONObject>
  /// The process finishes what is under way, and ends.
  let isDraining = Atomic(false)
  /// Somebody asked over the Status API that requests go elsewhere.
  private let isSparing = Atomic(false)
  let engine: Engine
  let resolver: Resolver
  let source: any ConfigurationSource
  private let errorLog: ErrorLog
  private let levelReset = TaskBox()
  /// The level that a temporary one falls back to.
  private let lastingLevel = Mutex<LogLevel?>(nil)

  init(
    facts: NodeFacts, configuration: JSONObject, engine: Engine, resolver: Resolver,
    source: any ConfigurationSource, errorLog: ErrorLog
  ) {
    self.facts = facts
    self.shown = Mutex(configuration)
    self.engine = engine
    self.resolver = resolver
    self.source = source
    self.errorLog = errorLog
  }

  var configuration: JSONObject { self.shown.withLock { $0 } }

  /// What a reload has applied.
  ///
  /// - Parameter fixed: names of properties whose values count until the next start.
  func show(_ configuration: JSONObject, keeping fixed: [String]) {
    self.shown.withLock { shown in
      var next = configuration
      for name in fixed { next[name] = shown[name] }
      shown = next
    }
  }

  func traffic() async -> TrafficCounts {
    let counts = await self.engine.currentCounts()
    return TrafficCounts(
      activeConnections: counts.open, acceptedConnections: counts.accepted, requests: counts.requests)
  }

  func served() async -> ServedConfiguration { await self.source.served() }

  func isDatastoreReachable() async -> Bool? { await self.source.isReachable() }

  func unreadiness() async -> String? {
    if self.isDraining.load(ordering: .relaxed) || self.isSparing.load(ordering: .relaxed) { return "draining" }
    // A node whose datastore is away serves all the same: that is told beside it, and is no reason to send requests
    // elsewhere, where it is away too.
    return await self.source.served().isEmpty ? "no configuration available (empty configuration present)" : nil
  }

  func datastoreCondition() async -> String? { await self.source.condition() }

  func beginDraining() async { self.isSparing.store(true, ordering: .relaxed) }

  func endDraining() async { self.isSparing.store(false, ordering: .relaxed) }

  // MARK: Log level

  /// A century; what is asked for may be any number.
  private static let longestLevelSeconds: Double = 3_155_760_000

  var logLevel: String { "\(self.errorLog.level)" }

  func setLogLevel(_ level: String, seconds: Double) async -> Bool {
    guard let wanted = LogLevel(name: level) else { return false }
    let seconds = min(seconds, Self.longestLevelSeconds)
    let log = self.errorLog
    // A second change within the time of the first still falls back to what was there before both.
    let before = self.lastingLevel.withLock { lasting in
      let before = lasting ?? log.level
      lasting = seconds > 0 ? before : nil
      return before
    }
    log.level = wanted
    log.write(.notice, "log level changed to \(level)" + (seconds > 0 ? " for \(Int(seconds)) s" : ""))
    self.levelReset.set(
      Task {
        guard seconds > 0, (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
        self.lastingLevel.withLock { $0 = nil }
        log.level = before
      })
    return true
  }

  /// What another node was told to tell all of them.
  func hear(_ changes: [EntityChange]) async {
    for change in changes {
      guard let broadcast = LogLevelBroadcast(change), broadcast.sender != self.facts.nodeID else { continue }
      let seconds = broadcast.until - Double(Clock.realtimeMicroseconds) / 1_000_000
      if seconds > 0 { _ = await self.setLogLevel(broadcast.level, seconds: seconds.rounded(.up)) }
    }
  }

  // MARK: Entities

  func cached(_ key: String) async -> JSONValue? { self.source.cached(key) }

  func forgetCached(_ key: String?) async { self.source.forgetCached(key) }

  func load(_ configuration: DeclarativeConfiguration) async throws { try await self.source.load(configuration) }

  func unhurried<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await GibbonIO.unhurried(body)
  }

  func explain(_ request: ExplainRequest) async -> JSONObject {
    do {
      let parsed = try ExplainedRequest(
        "\(request.method) \(request.url)", headers: request.headers.map { "\($0.name): \($0.value)" },
        sni: request.sni)
      let report = ExplainReport(parsed, in: self.engine.snapshot)
      let balancing = ExplainedBalancing(report, in: self.engine)
      var object = report.json
      if let balancing { object["balancing"] = .object(balancing.json) }
      // For 'gibbon explain', which shows what the gateway says.
      object["text"] = .string([report.text, balancing?.text].compactMap(\.self).joined(separator: "\n"))
      return object
    } catch {
      return ["message": .string("\(error)")]
    }
  }
}
