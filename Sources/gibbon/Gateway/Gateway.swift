// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonControl
internal import GibbonCore
internal import GibbonDNS
internal import GibbonEngine
internal import GibbonIO
internal import GibbonStore
internal import Glibc

/// The gateway as one process: everything wired together, and the signals that steer it.
enum Gateway {
  static func run(
    configuration: Configuration, prefix: String, reload: @escaping @Sendable () throws -> Configuration,
    ready: @escaping @Sendable (_ listening: [String]) -> Void
  ) throws -> Int32 {
    Signal.block()
    let running = try RunningNode(configuration, prefix: prefix)
    ready(running.listening)
    ProcessLimits.tidyHeap()
    while true {
      switch Signal.next() {
      case .terminate:
        running.stop()
        return 0
      case .drain:
        running.drain()
        return 0
      case .reopenLogs: running.reopenLogs()
      case .reload:
        do {
          ReloadStatus.write(.applied(hash: try running.apply(try reload())), prefix: prefix)
          ProcessLimits.tidyHeap()
        } catch {
          running.report("reload refused, the previous configuration goes on serving: \(error)")
          ReloadStatus.write(.refused(reason: "\(error)"), prefix: prefix)
        }
      }
    }
  }
}

/// The parts of a gateway that serves.
final class RunningNode {
  private let logs: LogWriter
  private let errorLog: GibbonEngine.ErrorLog
  private let control: ControlPlane
  private let entities: EntitySource
  private let engine: Engine
  private var configuration: Configuration
  private var accessLog: LogFile?

  init(_ configuration: Configuration, prefix: String) throws {
    self.configuration = configuration
    self.logs = try LogWriter()
    self.errorLog = try GatewayLogs.errorLog(configuration, self.logs)
    self.accessLog = try GatewayLogs.accessLog(configuration, self.logs)
    for warning in configuration.warnings { self.errorLog.write(.warn, warning) }
    self.entities = EntitySource(configuration)
    self.control = ControlPlane(
      plugins: self.entities.plugins, flavor: configuration.routerFlavor.routing,
      nodeID: try NodeID.read(configuration, prefix: prefix))
    let declared = try self.entities.load(configuration)
    for warning in declared.warnings { self.errorLog.write(.warn, "declarative config: \(warning.summary)") }
    let built = try self.control.snapshot(of: declared)
    for warning in built.warnings { self.errorLog.write(.warn, warning) }
    var settings = try EngineSettings(configuration)
    settings.accessLog = self.accessLog
    ProcessLimits.raiseOpenFiles(to: UInt64(EngineSettings.count(configuration.workers.openFiles) ?? 0))
    self.engine = try Engine(
      settings: settings, snapshot: built.snapshot, errorLog: self.errorLog,
      resolver: try Resolver(settings: ResolverSettings(configuration.dns)))
    do {
      try self.engine.listen()
    } catch {
      self.engine.shutDown()
      throw Failure(
        "\(error)",
        advice: "Another program listens there. Stop it, or choose another address with the property proxy_listen "
          + "(in the environment: GIBBON_PROXY_LISTEN).")
    }
    for listener in configuration.listen.proxy where listener.isTLS {
      self.errorLog.write(.warn, EngineSettings.notYet(listener))
    }
    self.errorLog.write(.notice, "Gibbon \(Release.version) serves configuration \(built.snapshot.hash)")
  }

  /// The addresses that are open.
  var listening: [String] {
    self.configuration.listen.proxy.filter { !$0.isTLS }.map { "http://\($0)" }
  }

  func report(_ text: String) { self.errorLog.write(.error, text) }

  func reopenLogs() { self.logs.reopen() }

  /// Applies a configuration that was read anew; returns its hash. What cannot be applied is thrown, and
  /// nothing has changed then.
  func apply(_ next: Configuration) throws -> String {
    let declared = try self.entities.load(next)
    var settings = try EngineSettings(next)
    let isSameLog = next.logs.proxyAccess == self.configuration.logs.proxyAccess
    let accessLog = isSameLog ? self.accessLog : try GatewayLogs.accessLog(next, self.logs)
    settings.accessLog = accessLog
    let built = try self.control.snapshot(of: declared)
    try self.engine.use(settings)
    self.engine.use(built.snapshot)
    self.accessLog = accessLog
    self.errorLog.level = GatewayLogs.level(next)
    for warning in next.warnings + built.warnings { self.errorLog.write(.warn, warning) }
    self.reportFixed(next)
    self.configuration = next
    self.errorLog.write(.notice, "reloaded: serves configuration \(built.snapshot.hash)")
    return built.snapshot.hash
  }

  /// Properties that only a restart applies.
  private func reportFixed(_ next: Configuration) {
    for name in ["nginx_main_worker_processes", "proxy_error_log", "router_flavor", "plugins", "dns_resolver"]
    where self.configuration.text(name) != next.text(name) {
      self.errorLog.write(.warn, "the change of '\(name)' takes effect at the next start: run 'gibbon restart'")
    }
  }

  func stop() {
    self.engine.shutDown()
    self.errorLog.write(.notice, "stopped")
    self.logs.close()
  }

  func drain() {
    self.errorLog.write(.notice, "finishing requests under way")
    self.engine.drain()
    self.stop()
  }
}
