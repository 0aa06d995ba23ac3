// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonConfig
internal import GibbonControl
internal import GibbonCore
internal import GibbonDNS
internal import GibbonEngine
internal import GibbonIO
internal import GibbonPluginAPI
internal import Synchronization

/// The parts of a gateway that serves. Thread-safe: one reload at a time, and the end at any time.
final class RunningNode: Sendable {
  private struct State {
    var configuration: Configuration
    var accessLog: LogFile?
  }

  private let logs: LogWriter
  private let errorLog: GibbonEngine.ErrorLog
  private let source: any ConfigurationSource
  private let secrets: NodeSecrets
  private let plugins: PluginHost
  private let engine: Engine
  private let resolver: Resolver
  private let view: NodeView
  private let administration: Administration
  private let ticker: Ticker
  private let state: Mutex<State>
  /// One thing after the other: the log must have what was cut off before it is closed.
  private let ending = Mutex(())
  /// What a drain takes at most; nil: as long as requests take.
  let drainSeconds: Int?
  /// The addresses that were opened at the start.
  let listening: [String]

  init(_ configuration: Configuration, prefix: String, patience: StartPatience, reports: StartReports) throws {
    self.logs = try LogWriter()
    self.errorLog = try GatewayLogs.errorLog(configuration, self.logs)
    let accessLog = try GatewayLogs.accessLog(configuration, self.logs)
    self.state = Mutex(State(configuration: configuration, accessLog: accessLog))
    self.drainSeconds = configuration.workers.shutdownTimeout.map { max(1, $0.milliseconds / 1000) }
    for warning in configuration.warnings { self.errorLog.write(.warn, warning) }
    let entities = EntitySource(configuration)
    self.secrets = entities.secrets
    let nodeID = try NodeID.read(configuration, prefix: prefix)
    let errorLog = self.errorLog
    self.plugins = PluginHost(settings: PluginSettings(configuration.pluginCalls)) { level, text in
      errorLog.write(GibbonEngine.LogLevel(name: level.rawValue) ?? .error, text)
    }
    let control = ControlPlane(
      plugins: entities.plugins, flavor: configuration.routerFlavor.routing, nodeID: nodeID, host: self.plugins,
      secrets: entities.secrets)
    let box = EngineBox()
    let source: any ConfigurationSource =
      configuration.database == .off
      ? DeclaredSource(entities, control, box, self.errorLog)
      : StoredSource(
        try Datastore.ready(configuration, entities.registry, patience) { text in
          errorLog.write(.notice, text)
          reports.note(text)
        }, entities, control, box, self.errorLog)
    self.source = source
    let snapshot = try source.first(configuration)
    var settings = try EngineSettings(configuration)
    settings.accessLog = accessLog
    ProcessLimits.raiseOpenFiles(to: UInt64(EngineSettings.count(configuration.workers.openFiles) ?? 0))
    self.resolver = try Resolver(settings: try ResolverSettings(configuration.dns))
    self.engine = try Engine(
      settings: settings, snapshot: snapshot, errorLog: self.errorLog,
      resolver: self.resolver)
    box.set(self.engine)
    self.view = NodeView(
      facts: NodeFacts(configuration, entities, nodeID: nodeID), configuration: configuration.shown,
      engine: self.engine, resolver: self.resolver, source: source, errorLog: self.errorLog)
    let view = self.view
    try waiting { await source.hearParameters { await view.hear($0) } }
    self.administration = Administration(
      node: self.view, source: source, endpoints: entities.plugins.endpoints, errorLog: self.errorLog)
    self.ticker = Ticker {
      await source.tick()
      await box.tidy()
      TicketKeys.advance()
    }
    let engine = self.engine
    do {
      // Requests last: when they are accepted, everything else is there.
      try self.administration.listen(configuration, self.logs)
      try Self.naming(configuration) { try engine.listen() }
    } catch {
      self.engine.shutDown()
      self.administration.stop()
      throw error
    }
    self.listening =
      configuration.listen.proxy.map { ($0.isTLS ? "https://" : "http://") + "\($0)" } + self.administration.listening
    self.ticker.start()
    self.errorLog.write(.notice, "Gibbon \(Release.version) serves configuration \(snapshot.hash)")
  }

  func report(_ text: String) { self.errorLog.write(.error, text) }

  func reopenLogs() { self.logs.reopen() }
}

// MARK: - Reloading

extension RunningNode {
  /// Applies a configuration that was read anew, and returns its hash. Everything that can be refused is made ready
  /// first and taken over at the end, in one turn of each loop. What cannot be applied is thrown, and nothing has
  /// changed then: no route, no setting, no open file.
  func apply(_ next: Configuration) throws -> String {
    let vaults = self.secrets.vaults
    self.secrets.vaults = next.vaults
    do {
      try self.take(next)
    } catch {
      self.secrets.vaults = vaults
      throw error
    }
    let hash = self.engine.snapshot.hash
    self.errorLog.write(.notice, "reloaded: serves configuration \(hash)")
    return hash
  }

  private func take(_ next: Configuration) throws {
    try self.state.withLock { state in
      let isSameLog = next.logs.proxyAccess == state.configuration.logs.proxyAccess
      let former = state.accessLog
      let accessLog = isSameLog ? former : try GatewayLogs.accessLog(next, self.logs)
      do {
        var settings = try EngineSettings(next)
        settings.accessLog = accessLog
        let (engine, prepared) = (self.engine, settings)
        try self.source.reload(next) { snapshot in
          try Self.naming(next) { try engine.use(prepared, snapshot) }
        }
      } catch {
        if !isSameLog, let accessLog { self.logs.close(accessLog, removesNew: true) }
        throw error
      }
      if !isSameLog, let former { self.logs.close(former) }
      self.resolver.setStaleTTL(Int(next.dns.staleTTL.components.seconds))
      self.errorLog.level = GatewayLogs.level(next)
      for warning in next.warnings { self.errorLog.write(.warn, warning) }
      self.reportFixed(from: state.configuration, to: next)
      self.view.show(next.shown, keeping: Self.fixed)
      state = State(configuration: next, accessLog: accessLog)
    }
  }

  /// Properties that only a restart applies.
  private static let fixed = [
    "nginx_main_worker_processes", "nginx_main_worker_rlimit_nofile", "nginx_main_worker_shutdown_timeout",
    "proxy_error_log", "router_flavor", "plugins", "unreadable_bodies",
    "node_id", "new_dns_client", "dns_resolver", "dns_hostsfile", "dns_order", "dns_valid_ttl", "dns_not_found_ttl",
    "dns_error_ttl", "dns_cache_size", "resolver_address", "resolver_hosts_file", "resolver_family",
    "resolver_valid_ttl", "resolver_error_ttl", "resolver_lru_cache_size", "database", "sqlite_path",
    "db_update_frequency", "mem_cache_size", "admin_listen", "admin_access_log", "admin_gui_url",
    "nginx_admin_client_max_body_size", "status_listen", "status_access_log", "admin_ssl_cert", "admin_ssl_cert_key",
    "status_ssl_cert", "status_ssl_cert_key",
  ]

  private func reportFixed(from current: Configuration, to next: Configuration) {
    for name in Self.fixed where current.text(name) != next.text(name) {
      self.errorLog.write(.warn, "the change of '\(name)' takes effect at the next start: run 'gibbon restart'")
    }
  }

  /// Opens proxy listeners; a failure says which, why, and what to do.
  private static func naming(_ configuration: Configuration, _ open: () throws -> Void) throws {
    do {
      try open()
    } catch let error as ListenError {
      throw ListenFailure.failure("proxy_listen", "\(error.address)", code: error.cause.code)
    }
  }
}

// MARK: - Ending

extension RunningNode {
  /// Seconds that plugins get to send what they still hold.
  private static let pluginSeconds = 4.0
  /// Seconds that the datastore gets to finish what is under way there.
  private static let storeSeconds = 2.0

  /// Requests should go elsewhere from now on.
  func announceEnd() { self.administration.beginDraining() }

  /// Takes no new requests and returns when those under way are answered, or were cut off by `stop`.
  func drain() {
    self.errorLog.write(.notice, "finishing requests under way")
    self.administration.beginDraining()
    self.engine.drain()
  }

  func endTunnels() {
    self.ending.withLock { _ in
      let count = self.engine.endTunnels()
      guard count > 0 else { return }
      self.errorLog.write(.warn, "\(count) tunnels were cut off after \(Lifecycle.tunnelSeconds) s of a graceful stop")
    }
  }

  /// Ends everything; in bounded time, whatever plugins and the datastore do.
  func stop(_ cause: Lifecycle.Cause?) { self.ending.withLock { _ in self.end(cause) } }

  private func end(_ cause: Lifecycle.Cause?) {
    self.ticker.stop()
    let cut = self.engine.shutDown()
    if cut != Engine.UnderWay() {
      let reason = cause == .timeOver ? "the time of a graceful stop is over" : "told to stop at once"
      self.errorLog.write(.warn, "\(reason): \(cut.requests) requests and \(cut.tunnels) tunnels were cut off")
    }
    self.administration.stop()
    let (source, plugins) = (self.source, self.plugins)
    waiting(atMost: Self.pluginSeconds + 1) { await plugins.finish(withinSeconds: Self.pluginSeconds) }
    if !waiting(atMost: Self.storeSeconds, { await source.stop() }) {
      self.errorLog.write(.warn, "the datastore did not finish within \(Self.storeSeconds) s and is left")
    }
    self.errorLog.write(.notice, "stopped")
    self.logs.close()
  }
}
