// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation
internal import Synchronization

/// A real PostgreSQL server (Debian's `postgresql`) on a free port, without waiting for the disk. Its superuser is
/// `gibbon`, who needs the password but on the Unix socket; `certified` logs in by certificate.
public final class PostgresCluster: Sendable {
  public static let user = "gibbon"
  public static let password = "open 'sesame'"

  public let port: Int
  /// The server's certificate, for `localhost`.
  public let authorities: URL
  /// What `certified` logs in with.
  public let client: (certificate: URL, key: URL)
  private let reservation: FreePort
  let folder: TemporaryFolder
  private let programs: URL
  private let process = Mutex<ChildProcess?>(nil)
  private let databases = Atomic(0)

  private static let started = Result {
    let cluster = try PostgresCluster()
    PostgresEnd.shared.watch(cluster)
    return cluster
  }

  /// The one server of this test process.
  public static func shared() throws -> PostgresCluster { try self.started.get() }

  /// - Throws: `.failed`, saying what to do when there is no PostgreSQL.
  public init() throws {
    self.folder = try TemporaryFolder()
    self.programs = try Self.locate()
    self.reservation = try FreePort()
    self.port = self.reservation.number
    let server = try SelfSigned.make(name: "localhost", in: self.folder)
    self.authorities = server.certificate
    self.client = try SelfSigned.make(name: "certified", in: self.folder)
    try self.makeData(server)
    try self.start()
    try self.run("CREATE ROLE certified LOGIN SUPERUSER", database: "postgres")
  }

  deinit { self.stop() }

  var data: URL { self.folder.url.appendingPathComponent("data", isDirectory: true) }

  private func makeData(_ server: (certificate: URL, key: URL)) throws {
    try FileManager.default.createDirectory(at: self.data, withIntermediateDirectories: true)
    let secret = try self.folder.write(Self.password + "\n", to: "secret")
    try self.giveAway([self.data, secret, server.key])
    let made = try self.start(
      "initdb",
      [
        "-D", self.data.path, "-U", Self.user, "--pwfile", secret.path, "-E", "UTF8", "--locale", "C.UTF-8",
        "--auth", "scram-sha-256", "--no-sync", "--no-instructions",
      ])
    guard try made.wait(seconds: 60) == 0 else { throw HarnessError(.failed, "initdb: \(made.errorOutput)") }
    let rules = """
      local all all trust
      local replication all trust
      hostssl all certified all cert
      host all all all scram-sha-256
      """
    let file = try self.folder.write(rules + "\n", to: "pg_hba.conf")
    try self.giveAway([file])
    let settings = """
      listen_addresses = '127.0.0.1'
      unix_socket_directories = '\(self.data.path)'
      hba_file = '\(file.path)'
      fsync = off
      full_page_writes = off
      max_connections = 400
      shared_buffers = '64MB'
      dynamic_shared_memory_type = mmap
      ssl = on
      ssl_cert_file = '\(server.certificate.path)'
      ssl_key_file = '\(server.key.path)'
      ssl_ca_file = '\(self.client.certificate.path)'
      """
    let configuration = self.data.appendingPathComponent("postgresql.auto.conf")
    try Data((settings + "\n").utf8).write(to: configuration)
    try self.giveAway([configuration])
  }

  /// The server refuses to run as root: what it needs belongs to Debian's user.
  func giveAway(_ files: [URL]) throws {
    guard geteuid() == 0 else { return }
    guard let user = getpwnam("postgres") else { throw HarnessError(.failed, "there is no user postgres") }
    for file in files {
      guard chown(file.path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
        throw HarnessError(.failed, "cannot give \(file.path) away")
      }
    }
    for file in files where !file.hasDirectoryPath { chmod(file.path, 0o600) }
  }

  /// Starts a program as the server's user.
  func start(_ program: String, _ arguments: [String], name: String? = nil) throws -> ChildProcess {
    let path = self.programs.appendingPathComponent(program)
    let isRoot = geteuid() == 0
    return try ChildProcess(
      executable: isRoot ? URL(fileURLWithPath: "/usr/bin/setpriv") : path,
      arguments: isRoot
        ? ["--reuid=postgres", "--regid=postgres", "--init-groups", path.path] + arguments : arguments,
      environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"], folder: self.folder.url, name: name ?? program)
  }

  // MARK: Starting and stopping

  /// Starts the server, again after a stop.
  public func start() throws {
    let process = try self.start("postgres", ["-D", self.data.path, "-p", "\(self.port)"])
    self.process.withLock { $0 = process }
    try Deadline.wait(for: "PostgreSQL to answer; it wrote\n\(process.errorOutput)", seconds: 30) {
      (try? self.run("SELECT 1", database: "postgres")) != nil
    }
  }

  /// Stops it at once; everybody's connections end.
  public func stop() {
    guard let process = self.process.withLock({ $0.take() }) else { return }
    // Immediately, but with its shared memory taken down.
    process.signal(SIGQUIT)
    if (try? process.wait(seconds: 10)) == nil { process.kill() }
  }

  // MARK: Asking

  /// A new, empty database.
  public func makeDatabase() throws -> String {
    let number = self.databases.wrappingAdd(1, ordering: .relaxed).newValue
    try self.run("CREATE DATABASE test_\(number)", database: "postgres")
    return "test_\(number)"
  }

  public func drop(database: String) {
    _ = try? self.run("DROP DATABASE IF EXISTS \(database) WITH (FORCE)", database: "postgres")
  }

  /// Runs SQL as the superuser; the rows as `psql -At` prints them.
  @discardableResult
  public func run(_ sql: String, database: String) throws -> String {
    try self.run(sql, database: database, port: self.port)
  }

  /// - Parameter port: of a server with its socket in this one's folder.
  func run(_ sql: String, database: String, port: Int) throws -> String {
    let process = try ChildProcess(
      executable: self.programs.appendingPathComponent("psql"),
      arguments: [
        "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.data.path, "-p", "\(port)", "-U", Self.user,
        "-d", database, "-c", sql,
      ], environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"], folder: self.folder.url,
      name: "psql-\(UUID().uuidString.prefix(8))")
    let code = try process.wait(seconds: 30)
    defer { for file in [process.outputFile, process.errorFile] { try? FileManager.default.removeItem(at: file) } }
    guard code == 0 else { throw HarnessError(.failed, "psql: \(process.errorOutput)") }
    return process.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The properties of a gateway on a database.
  public func settings(database: String) -> [String: String] {
    [
      "database": "postgres", "pg_host": "127.0.0.1", "pg_port": "\(self.port)", "pg_user": Self.user,
      "pg_password": Self.password, "pg_database": database,
    ]
  }

  private static func locate() throws -> URL {
    let root = URL(fileURLWithPath: "/usr/lib/postgresql")
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    for version in versions.sorted(by: { (Int($0) ?? 0) > (Int($1) ?? 0) }) {
      let folder = root.appendingPathComponent("\(version)/bin")
      if FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("postgres").path) { return folder }
    }
    throw HarnessError(.failed, "there is no PostgreSQL server: run 'make test-setup'")
  }
}

/// Stops servers when the test process ends by itself; the watchdog has those of one that was killed.
private final class PostgresEnd: Sendable {
  static let shared = PostgresEnd()
  private let servers = Mutex<[PostgresCluster]>([])

  private init() { atexit { PostgresEnd.shared.stop() } }

  func watch(_ server: PostgresCluster) { self.servers.withLock { $0.append(server) } }

  private func stop() { for server in self.servers.withLock({ $0 }) { server.stop() } }
}
