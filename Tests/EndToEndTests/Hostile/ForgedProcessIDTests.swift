// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// A process id file that names, or is locked by, a process that is no gateway of its prefix.
@Suite struct ForgedProcessIDTests {
  private final class Forged: Sendable {
    let folder: TemporaryFolder
    var prefix: String { self.folder.file("prefix").path }
    var file: String { self.prefix + "/pids/gibbon.pid" }

    init() throws {
      self.folder = try TemporaryFolder()
      try FileManager.default.createDirectory(atPath: self.prefix + "/pids", withIntermediateDirectories: true)
      for path in [self.prefix, self.prefix + "/pids"] { chmod(path, 0o700) }
    }

    /// A process that is no gateway and holds a lock on a file, which is made, until it is killed.
    func holder(of path: String) throws -> ChildProcess {
      let script = """
        import fcntl, os, sys, time
        file = open(sys.argv[1], "a+")
        file.write("%d\\n" % os.getpid())
        file.flush()
        fcntl.lockf(file, fcntl.LOCK_EX)
        print("locked", flush=True)
        time.sleep(600)
        """
      let process = try ChildProcess(
        executable: URL(fileURLWithPath: "/usr/bin/env"), arguments: ["python3", "-c", script, path],
        environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"], folder: self.folder.url, name: "holder")
      try Deadline.wait(for: "the lock; \(process.errorOutput)") { process.output.contains("locked") }
      return process
    }

    func run(_ words: String...) throws -> GatewayCommand {
      try GatewayCommand.run(words + ["-p", self.prefix], folder: self.folder.url)
    }

    func start() throws -> GatewayCommand {
      try self.folder.write("_format_version: \"3.0\"\n", to: "kong.yml")
      let text = GatewayProcess.configuration(folder: self.folder, port: try FreePort().number, settings: [:])
      return try self.run("start", "-c", try self.folder.write(text, to: "gibbon.conf").path)
    }
  }

  static let commands = ["stop", "quit", "reload", "health"]

  @Test(arguments: Self.commands) func numberWithoutALockIsNobody(command: String) throws {
    let forged = try Forged()
    let other = try forged.holder(of: forged.folder.file("elsewhere").path)
    try Data("\(other.processID)\n".utf8).write(to: URL(fileURLWithPath: forged.file))
    let result = try forged.run(command)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("not running"), "\(result.allOutput)")
    #expect(other.exitCode == nil)
  }

  @Test(arguments: Self.commands) func lockOfAnotherProgramIsNoGateway(command: String) throws {
    let forged = try Forged()
    let other = try forged.holder(of: forged.file)
    let result = try forged.run(command)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("not running"), "\(result.allOutput)")
    #expect(other.exitCode == nil)
  }

  @Test func lockOfAnotherProgramDoesNotKeepAGatewayFromStarting() throws {
    let forged = try Forged()
    let other = try forged.holder(of: forged.file)
    let started = try forged.start()
    #expect(started.exitCode == 0, "\(started.allOutput)")
    #expect(try forged.run("health").exitCode == 0)
    #expect(try forged.run("stop").exitCode == 0)
    #expect(other.exitCode == nil)
  }

  @Test(arguments: ["link", "second name", "pipe", "folder"]) func anythingButAFileOfOnesOwnIsRefused(kind: String)
    throws
  {
    let forged = try Forged()
    // The lock of another gateway, reached by another name.
    let elsewhere = try Forged()
    #expect(try elsewhere.start().exitCode == 0)
    defer { _ = try? elsewhere.run("stop") }
    chmod(forged.prefix + "/pids", 0o777)
    switch kind {
    case "link": try #require(symlink(elsewhere.file, forged.file) == 0)
    case "second name": try #require(link(elsewhere.file, forged.file) == 0)
    case "pipe": try #require(mkfifo(forged.file, 0o600) == 0)
    default: try #require(mkdir(forged.file, 0o700) == 0)
    }
    for command in Self.commands {
      let result = try forged.run(command)
      #expect(result.exitCode == 1, "\(command)")
      #expect(!result.errorOutput.contains("not running"), "\(result.allOutput)")
    }
    if kind == "second name" { unlink(forged.file) }
    #expect(try elsewhere.run("health").exitCode == 0, "the other gateway runs on")
  }

  @Test func reloadRequestOfSomebodyElseIsNotTaken() throws {
    let folder = try TemporaryFolder()
    try folder.write("_format_version: \"3.0\"\n", to: "kong.yml")
    let gateway = try GatewayProcess("_format_version: \"3.0\"\n")
    let evil = try gateway.folder.write("GIBBON_LOG_LEVEL=loud\0", to: "evil")
    try #require(symlink(evil.path, gateway.folder.file("reload.request").path) == 0)
    // In a folder that is this user's alone a link is followed; where others can write, it is not.
    chmod(gateway.folder.url.path, 0o777)
    gateway.signal(SIGHUP)
    try gateway.waitForLog("reloaded: serves")
  }
}
