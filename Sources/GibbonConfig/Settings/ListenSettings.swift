// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where the gateway listens; an empty list is `off`.
public struct ListenSettings: Sendable, Hashable {
  public let proxy: [Listener]
  public let stream: [Listener]
  public let admin: [Listener]
  public let adminGUI: [Listener]
  public let status: [Listener]
  public let cluster: [Listener]

  init(_ reader: SettingReader) {
    self.proxy = reader.listeners("proxy_listen")
    self.stream = reader.listeners("stream_listen", kind: .stream)
    self.admin = reader.listeners("admin_listen")
    self.adminGUI = reader.listeners("admin_gui_listen")
    self.status = reader.listeners("status_listen")
    self.cluster = reader.listeners("cluster_listen")
  }
}

/// Threads and descriptors.
public struct WorkerSettings: Sendable, Hashable {
  /// Event loops; automatic is one per processor.
  public let count: AutomaticCount
  /// Connections per event loop, both sides counted.
  public let connections: AutomaticCount
  /// The limit of open descriptors to ask the system for.
  public let openFiles: AutomaticCount
  /// Accept all waiting connections at once instead of one per wake-up.
  public let acceptsMany: Bool
  /// For what is under way when a graceful stop begins; nil: as long as it takes.
  public let shutdownTimeout: Duration?

  init(_ reader: SettingReader) {
    func count(_ name: String) -> AutomaticCount {
      reader.parsed(name) { (text) throws(ValueFault) in try AutomaticCount(parsing: text) } ?? .automatic
    }
    self.count = count("nginx_main_worker_processes")
    self.connections = count("nginx_events_worker_connections")
    self.openFiles = count("nginx_main_worker_rlimit_nofile")
    self.acceptsMany = reader.flag("nginx_events_multi_accept")
    let timeout = reader.duration("nginx_main_worker_shutdown_timeout")
    self.shutdownTimeout = timeout > .zero ? timeout : nil
  }
}
