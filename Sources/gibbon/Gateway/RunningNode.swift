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
internal import Glibc

/// The parts of a gateway that serves.
final class RunningNode {
  private let logs: LogWriter
  private let errorLog: GibbonEngine.ErrorLog
  private let source: any ConfigurationSource
  private let plugins: PluginHost
  private let engine: Engine
  private let resolver: Resolver
  private let view: NodeView
  private let administration: Administration
  private let ticker: Ticker
  private var configuration: Configuration
  private var accessLog: LogFile?

  init(_ configuration: Configuration, prefix: String, patience: StartPatience) throws {
    self.configuration = configuration
    self.logs = try LogWriter()
    self.errorLog = try GatewayLogs.errorLog(configuration, self.logs)
    self.accessLog = try GatewayLogs.accessLog(configuration, self.logs)
    for warning in configuration.warnings { self.errorLog.write(.warn, warning) }
    let entities = EntitySource(configuration)
    let nodeID = try NodeID.read(configuration, prefix: prefix)
    let errorLog = self.errorLog
    self.plugins = PluginHost { level, text in
      errorLog.write(GibbonEngine.LogLevel(name: level.rawValue) ?? .error, text)
    }
    let control = ControlPlane(
      plugins: entities.plugins, flavor: configuration.routerFlavor.routing, nodeID: nodeID, host: self.plugins)
    let box = EngineBox()
    let source: any ConfigurationSource =
      configuration.database == .off
      ? DeclaredSource(entities, control, box, self.errorLog)
      : StoredSource(
        try Datastore.ready(configuration, entities.registry, patience) { text in
          errorLog.write(.notice, text)
          Console.note(text)
        }, entities, control, box, self.errorLog)
    self.source = source
    let snapshot = try source.first(configuration)
    var settings = try EngineSettings(configuration)
    settings.accessLog = self.accessLog
    ProcessLimits.raiseOpenFiles(to: UInt64(EngineSettings.count(configuration.workers.openFiles) ?? 0))
    self.resolver = try Resolver(settings: try ResolverSettings(configuration.dns))
    self.engine = try Engine(
      settings: settings, snapshot: snapshot, errorLog: self.errorLog,
      resolver: self.resolver)
    box.set(self.engine)
    self.view = NodeView(
      facts: NodeFacts(configuration, entities, nodeID: nodeID), configuration: configuration.shown,
      engine: self.engine, resolver: self.resolver, source: source, errorLog: self.errorLog)
    self.administration = Administration(
      node: self.view, source: source, endpoints: entities.plugins.endpoints, errorLog: self.errorLog)
    self.ticker = Ticker {
      await source.tick()
      await box.tidy()
    }
    do {
      // Requests last: when they are accepted, everything else is there.
      try self.administration.listen(configuration, self.logs)
      try Self.listen(self.engine)
    } catch {
      self.engine.shutDown()
      self.administration.stop()
      throw error
    }
    for listener in configuration.listen.proxy + configuration.listen.admin + configuration.listen.status
    where listener.isTLS {
      self.errorLog.write(.warn, EngineSettings.notYet(listener))
    }
    self.ticker.start()
    self.errorLog.write(.notice, "Gibbon \(Release.version) serves configuration \(snapshot.hash)")
  }

  private static func listen(_ engine: Engine) throws {
    do {
      try engine.listen()
    } catch {
      throw Failure(
        "\(error)",
        advice: "Another program listens there. Stop it, or choose another address with the property proxy_listen "
          + "(in the environment: GIBBON_PROXY_LISTEN).")
    }
  }

  /// The addresses that are open.
  var listening: [String] {
    self.configuration.listen.proxy.filter { !$0.isTLS }.map { "http://\($0)" } + self.administration.listening
  }

  func report(_ text: String) { self.errorLog.write(.error, text) }

  func reopenLogs() { self.logs.reopen() }

  /// Applies a configuration that was read anew; returns its hash. What cannot be applied is thrown, and
  /// nothing has changed then.
  func apply(_ next: Configuration) throws -> String {
    var settings = try EngineSettings(next)
    let isSameLog = next.logs.proxyAccess == self.configuration.logs.proxyAccess
    let accessLog = isSameLog ? self.accessLog : try GatewayLogs.accessLog(next, self.logs)
    settings.accessLog = accessLog
    // Entities first: they are what a reload is most often refused for.
    try self.source.reload(next)
    try self.engine.use(settings)
    self.resolver.setStaleTTL(Int(next.dns.staleTTL.components.seconds))
    self.accessLog = accessLog
    self.errorLog.level = GatewayLogs.level(next)
    for warning in next.warnings { self.errorLog.write(.warn, warning) }
    self.reportFixed(next)
    self.view.show(next.shown, keeping: Self.fixed)
    self.configuration = next
    let hash = self.engine.snapshot.hash
    self.errorLog.write(.notice, "reloaded: serves configuration \(hash)")
    return hash
  }

  /// Properties that only a restart applies.
  private static let fixed = [
    "nginx_main_worker_processes", "nginx_main_worker_rlimit_nofile", "proxy_error_log", "router_flavor", "plugins",
    "node_id", "new_dns_client", "dns_resolver", "dns_hostsfile", "dns_order", "dns_valid_ttl", "dns_not_found_ttl",
    "dns_error_ttl", "dns_cache_size", "resolver_address", "resolver_hosts_file", "resolver_family",
    "resolver_valid_ttl", "resolver_error_ttl", "resolver_lru_cache_size", "database", "sqlite_path",
    "db_update_frequency", "mem_cache_size", "admin_listen", "admin_access_log", "admin_gui_url",
    "nginx_admin_client_max_body_size", "status_listen", "status_access_log",
  ]

  private func reportFixed(_ next: Configuration) {
    for name in Self.fixed where self.configuration.text(name) != next.text(name) {
      self.errorLog.write(.warn, "the change of '\(name)' takes effect at the next start: run 'gibbon restart'")
    }
  }

  /// What plugins get to send what they still hold.
  private static let pluginEndSeconds = 5.0

  func stop() {
    self.ticker.stop()
    self.administration.stop()
    self.engine.shutDown()
    let (source, plugins) = (self.source, self.plugins)
    try? waiting {
      await plugins.finish(withinSeconds: Self.pluginEndSeconds)
      await source.stop()
    }
    self.errorLog.write(.notice, "stopped")
    self.logs.close()
  }

  func drain() {
    self.errorLog.write(.notice, "finishing requests under way")
    self.administration.beginDraining()
    self.engine.drain()
    self.stop()
  }
}

/// Calls something about every second, one call after the other.
final class Ticker: Sendable {
  private let body: @Sendable () async -> Void
  private let task = TaskBox()

  init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

  func start() {
    let body = self.body
    self.task.set(
      Task {
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(1))
          if !Task.isCancelled { await body() }
        }
      })
  }

  func stop() { self.task.cancel() }
}
