// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation

/// A streaming replica of a server, on a port of its own.
public final class PostgresStandby: Sendable {
  public let port: Int
  private let cluster: PostgresCluster
  private let reservation: FreePort
  private let process: ChildProcess

  /// Copies the server as it is now, and follows it from there.
  public init(of cluster: PostgresCluster) throws {
    self.cluster = cluster
    self.reservation = try FreePort()
    self.port = self.reservation.number
    let data = cluster.folder.url.appendingPathComponent("standby-\(self.port)", isDirectory: true)
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    chmod(data.path, 0o700)
    try cluster.giveAway([data])
    // With -R the copy knows whom to follow.
    let copy = try cluster.start(
      "pg_basebackup",
      [
        "-D", data.path, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-h", cluster.data.path, "-p",
        "\(cluster.port)", "-U", PostgresCluster.user,
      ])
    guard try copy.wait(seconds: 60) == 0 else { throw HarnessError(.failed, "pg_basebackup: \(copy.errorOutput)") }
    self.process = try cluster.start("postgres", ["-D", data.path, "-p", "\(self.port)"], name: "standby")
    let process = self.process
    try Deadline.wait(for: "the replica to answer; it wrote\n\(process.errorOutput)", seconds: 30) {
      (try? self.run("SELECT pg_is_in_recovery()", database: "postgres")) == "t"
    }
  }

  deinit { self.stop() }

  public func stop() {
    self.process.signal(SIGQUIT)
    if (try? self.process.wait(seconds: 10)) == nil { self.process.kill() }
  }

  /// Runs SQL there as the superuser.
  @discardableResult
  public func run(_ sql: String, database: String) throws -> String {
    try self.cluster.run(sql, database: database, port: self.port)
  }

  /// Keeps it at what it has; what comes is received and not shown.
  public func pause() throws {
    try self.run("SELECT pg_wal_replay_pause()", database: "postgres")
    try Deadline.wait(for: "the replica to pause") {
      try self.run("SELECT pg_get_wal_replay_pause_state()", database: "postgres") == "paused"
    }
  }

  public func resume() throws { try self.run("SELECT pg_wal_replay_resume()", database: "postgres") }

  /// The revision it shows; -1 where there is none yet.
  public func revision(database: String) -> Int {
    (try? self.run("SELECT revision FROM feed_revision", database: database)).flatMap { Int($0) } ?? -1
  }

  /// Waits until it shows what the server has.
  public func awaitServer(database: String) throws {
    let wanted = Int(try self.cluster.run("SELECT revision FROM feed_revision", database: database)) ?? 0
    try Deadline.wait(for: "revision \(wanted) at the replica") { self.revision(database: database) >= wanted }
  }

  /// The properties of a gateway that reads from it.
  public var settings: [String: String] { ["pg_ro_host": "127.0.0.1", "pg_ro_port": "\(self.port)"] }
}
