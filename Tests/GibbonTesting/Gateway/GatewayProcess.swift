// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// The real gateway, running in the foreground with a configuration of its own in a temporary prefix.
public final class GatewayProcess: Sendable {
  /// The prefix; the configuration file and the declarative file lie in it too.
  public let folder: TemporaryFolder
  /// The port of the first proxy listener.
  public let port: Int
  /// The ports of the Admin and Status APIs, where they are on.
  public let adminPort: Int
  public let statusPort: Int
  private let reservations: [FreePort]
  private let process: ChildProcess

  /// Writes the files, starts the gateway and returns when it accepts connections.
  ///
  /// - Parameters:
  ///   - declarative: the text of the declarative file.
  ///   - settings: properties of `gibbon.conf`, over the defaults for tests: one proxy listener on a free port,
  ///     everything else off, two workers. `@PORT@` in a value stands for the port, `@ADMIN@` and `@STATUS@` for
  ///     those of the other APIs.
  ///   - environment: added to a clean one.
  /// - Throws: `.failed` with all the gateway wrote, when it ends or does not listen in time.
  public convenience init(
    _ declarative: String, settings: [String: String] = [:], environment: [String: String] = [:]
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write(declarative, to: "kong.yml")
    try self.init(folder: folder, settings: settings, environment: environment)
  }

  /// With the Admin and Status APIs on: on a datastore of its own, or without one where a declarative file is given.
  ///
  /// - Parameters:
  ///   - folder: the prefix of a gateway that was stopped, to start it again.
  ///   - declarative: the text of a declarative file; nil keeps entities in the embedded datastore.
  public convenience init(
    administered folder: TemporaryFolder? = nil, declarative: String? = nil, settings: [String: String] = [:],
    environment: [String: String] = [:]
  ) throws {
    let folder = try folder ?? TemporaryFolder()
    var all = ["admin_listen": "127.0.0.1:@ADMIN@", "status_listen": "127.0.0.1:@STATUS@"]
    if let declarative {
      try folder.write(declarative, to: "kong.yml")
    } else {
      all.merge(try Self.datastore(folder)) { _, new in new }
    }
    all.merge(settings) { _, new in new }
    try self.init(folder: folder, settings: all, environment: environment)
  }

  /// The embedded datastore; with `GIBBON_TEST_DATABASE=postgres` or `cassandra`, a database of a real server, which
  /// the folder remembers for a second start.
  private static func datastore(_ folder: TemporaryFolder) throws -> [String: String] {
    let known = contents(of: folder.file("database"))
    func name(_ make: () throws -> String) throws -> String {
      if !known.isEmpty { return known }
      let name = try make()
      try folder.write(name, to: "database")
      return name
    }
    switch ProcessInfo.processInfo.environment["GIBBON_TEST_DATABASE"] {
    case "postgres":
      let cluster = try PostgresCluster.shared()
      return cluster.settings(database: try name(cluster.makeDatabase))
    case "cassandra":
      let server = try CassandraServer.shared()
      return server.properties(keyspace: try name(server.makeKeyspaceName))
    default: return ["database": "sqlite"]
    }
  }

  private init(folder: TemporaryFolder, settings: [String: String], environment: [String: String]) throws {
    self.folder = folder
    self.reservations = [try FreePort(), try FreePort(), try FreePort()]
    self.port = self.reservations[0].number
    self.adminPort = self.reservations[1].number
    self.statusPort = self.reservations[2].number
    let others = [("@ADMIN@", self.adminPort), ("@STATUS@", self.statusPort)]
    let opened = others.filter { mark, _ in settings.values.contains { $0.contains(mark) } }.map(\.1)
    var settings = settings
    for (name, value) in settings {
      settings[name] = value.replacingOccurrences(of: "@ADMIN@", with: String(self.adminPort))
        .replacingOccurrences(of: "@STATUS@", with: String(self.statusPort))
    }
    let conf = GatewayProcess.configuration(folder: self.folder, port: self.port, settings: settings)
    let file = try self.folder.write(conf, to: "gibbon.conf")
    self.process = try ChildProcess(
      executable: try GatewayBinary.locate(),
      arguments: ["start", "--foreground", "-c", file.path, "-p", self.folder.url.path],
      environment: cleanEnvironment(adding: environment), folder: self.folder.url, name: "gateway")
    try self.awaitReady([self.port] + opened)
  }

  deinit { self.stop() }

  /// The text of a `gibbon.conf` for tests.
  public static func configuration(folder: TemporaryFolder, port: Int, settings: [String: String]) -> String {
    let defaults = [
      "proxy_listen": "127.0.0.1:\(port)", "admin_listen": "off", "admin_gui_listen": "off", "status_listen": "off",
      "database": "off", "declarative_config": folder.file("kong.yml").path, "nginx_worker_processes": "2",
      "proxy_access_log": "logs/access.log", "log_level": "info", "anonymous_reports": "off",
    ]
    let merged = defaults.merging(settings) { _, new in new }
    return merged.sorted { $0.key < $1.key }
      .map { "\($0.key) = \($0.value.replacingOccurrences(of: "@PORT@", with: String(port)))\n" }.joined()
  }

  /// A gateway on Cassandra first makes a dozen tables, which a busy server takes its time for.
  private static let startSeconds: Double =
    ProcessInfo.processInfo.environment["GIBBON_TEST_CASSANDRA"] == nil ? 20 : 120

  private func awaitReady(_ ports: [Int]) throws {
    let deadline = Deadline(seconds: Self.startSeconds)
    for port in ports { try self.awaitListening(on: port, deadline) }
  }

  private func awaitListening(on port: Int, _ deadline: Deadline) throws {
    while true {
      if let code = self.process.exitCode {
        throw HarnessError(.failed, "the gateway ended with \(code) before it listened\n\(self.diagnosis)")
      }
      if let probe = try? Socket.connect(port: port, seconds: 1) {
        probe.close()
        return
      }
      if deadline.isOver {
        throw HarnessError(.failed, "the gateway did not listen on port \(port)\n\(self.diagnosis)")
      }
      _ = poll(nil, 0, 3)
    }
  }

  public var processID: pid_t { self.process.processID }
  /// `nil` while it runs.
  public var exitCode: ChildProcess.ExitCode? { self.process.exitCode }

  public func signal(_ number: Int32) { self.process.signal(number) }

  public func waitForExit(seconds: Double = Deadline.defaultSeconds) throws -> ChildProcess.ExitCode {
    try self.process.wait(seconds: seconds)
  }

  /// Stops it: SIGTERM, and SIGKILL when that is not obeyed.
  public func stop() {
    self.process.signal(SIGTERM)
    if (try? self.process.wait(seconds: 5)) == nil { self.process.kill() }
  }

  /// Replaces the declarative file; a reload makes the gateway read it.
  public func rewrite(_ declarative: String) throws {
    try self.folder.write(declarative, to: "kong.yml")
  }

  /// Changes properties in the configuration file; a reload makes the gateway read it.
  public func change(_ settings: [String: String]) throws {
    let kept = contents(of: self.configurationFile).split(separator: "\n").filter { line in
      !settings.keys.contains { line.hasPrefix("\($0) = ") }
    }
    let lines = kept.map(String.init) + settings.map { "\($0.key) = \($0.value)" }
    try self.folder.write(lines.joined(separator: "\n") + "\n", to: "gibbon.conf")
  }

  /// Runs another `gibbon` command for this gateway's prefix.
  public func command(_ arguments: String...) throws -> GatewayCommand {
    try GatewayCommand.run(arguments + ["-p", self.folder.url.path], folder: self.folder.url)
  }

  public var configurationFile: URL { self.folder.file("gibbon.conf") }
  public var accessLog: String { contents(of: self.folder.file("logs/access.log")) }
  /// The error log, and what went to the standard outputs.
  public var log: String {
    contents(of: self.folder.file("logs/error.log")) + self.process.errorOutput + self.process.output
  }

  /// Waits for a line of the access log that holds `text`.
  public func waitForAccessLine(_ text: String, seconds: Double = Deadline.defaultSeconds) throws -> String {
    var found: String?
    try Deadline.wait(for: "an access log line with '\(text)'; the log is\n\(self.accessLog)", seconds: seconds) {
      found = self.accessLog.split(separator: "\n").first { $0.contains(text) }.map(String.init)
      return found != nil
    }
    return found ?? ""
  }

  /// Waits until the log holds `text`, in any case.
  public func waitForLog(_ text: String, seconds: Double = Deadline.defaultSeconds) throws {
    try Deadline.wait(for: "'\(text)' in the log, which is\n\(self.log.suffix(2000))", seconds: seconds) {
      self.log.lowercased().contains(text.lowercased())
    }
  }

  private var diagnosis: String {
    "configuration:\n\(contents(of: self.configurationFile))\nits log:\n\(self.log.suffix(4000))"
  }
}
