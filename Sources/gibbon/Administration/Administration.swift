// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonConfig
internal import GibbonCore
internal import GibbonEngine
internal import GibbonIO
internal import GibbonPluginAPI
internal import Synchronization

/// The Admin and Status APIs of a node with the addresses they listen on.
final class Administration: Sendable {
  private let node: NodeView
  private let source: any ConfigurationSource
  /// Those of enabled plugins.
  private let endpoints: [PluginEndpoint]
  private let errorLog: GibbonEngine.ErrorLog
  /// Connections that wait to be accepted.
  private static let backlog = 511
  /// What requests under way get at the end.
  private static let endSeconds = 1.0
  private let servers = Mutex<[(server: AdminServer, address: String)]>([])

  init(
    node: NodeView, source: any ConfigurationSource, endpoints: [PluginEndpoint], errorLog: GibbonEngine.ErrorLog
  ) {
    self.endpoints = endpoints
    self.node = node
    self.source = source
    self.errorLog = errorLog
  }

  /// The addresses that are open, for people.
  var listening: [String] { self.servers.withLock { $0.map(\.address) } }

  /// Opens all addresses.
  func listen(_ configuration: Configuration, _ logs: LogWriter) throws {
    let log = self.errorLog
    let report: @Sendable (String) -> Void = { log.write(.error, $0) }
    let access = self.source.access
    let settings = configuration.logs
    // An API is made only where somebody can ask for it: its OpenAPI document takes time.
    if !configuration.listen.admin.isEmpty {
      let api = AdminAPI.admin(access: access, node: self.node, plugins: self.endpoints, reportFault: report)
      try self.open(
        configuration.listen.admin, "admin_listen", api, "Admin API", try Self.log(settings.adminAccess, logs),
        try AdminTLS(configuration, .admin))
    }
    if !configuration.listen.status.isEmpty {
      let api = AdminAPI.status(access: access, node: self.node, plugins: self.endpoints, reportFault: report)
      try self.open(
        configuration.listen.status, "status_listen", api, "Status API", try Self.log(settings.statusAccess, logs),
        try AdminTLS(configuration, .status))
    }
  }

  private static func log(_ log: GibbonConfig.AccessLog?, _ logs: LogWriter) throws -> LogFile? {
    try log.map { try logs.open(path: $0.path) }
  }

  private func open(
    _ listeners: [GibbonConfig.Listener], _ property: String, _ api: AdminAPI, _ name: String, _ log: LogFile?,
    _ tls: AdminTLS?
  ) throws {
    let logging = log.map(AdminAccessLine.writer)
    for listener in listeners {
      let facts = self.node.facts
      let address = Self.address(listener)
      let backlog = listener.backlog ?? Self.backlog
      do {
        let server = try waiting {
          try await AdminServer.start(
            api, facts: facts, on: address, backlog: backlog, tls: listener.isTLS ? tls : nil, logging: logging)
        }
        let scheme = listener.isTLS ? "https" : "http"
        self.servers.withLock { $0.append((server, "\(scheme)://\(listener) (\(name))")) }
      } catch {
        guard let code = (error as? AdminListenError)?.code else {
          throw Failure("\(property): \(listener) cannot be opened: \(error)", advice: "Choose another, or 'off'.")
        }
        throw ListenFailure.failure(property, "\(listener)", code: code)
      }
    }
  }

  private static func address(_ listener: GibbonConfig.Listener) -> AdminServer.Address {
    switch listener.address {
    case .ipv4(let text), .ipv6(let text), .hostname(let text): .host(text, port: Int(listener.port))
    case .unix(let path): .unix(path: path)
    }
  }

  func beginDraining() { self.node.isDraining.store(true, ordering: .relaxed) }

  func stop() {
    let servers = self.servers.withLock { servers in
      defer { servers = [] }
      return servers.map(\.server)
    }
    for server in servers {
      waiting(atMost: 2 * Self.endSeconds) { await server.stop(withinSeconds: Self.endSeconds) }
    }
  }
}

/// Lines of the Admin API's access log, in nginx's combined format.
enum AdminAccessLine {
  static func writer(to file: LogFile) -> @Sendable (AdminAccessRecord) -> Void {
    { record in Self.append(record, to: file) }
  }

  private static func append(_ record: AdminAccessRecord, to file: LogFile) {
    var line = ByteBuffer()
    line.append(text: record.client + " - - [")
    WallTime(microseconds: Clock.realtimeMicroseconds).appendAccessLogTime(to: &line)
    line.append(text: "] \"\(record.method) \(record.target) HTTP/1.1\" \(record.status) \(record.bytes) \"-\" \"")
    for byte in record.userAgent.utf8 where byte >= 0x20 && byte != UInt8(ascii: "\"") { line.append(byte) }
    line.append("\"\n")
    file.append(line)
  }
}
