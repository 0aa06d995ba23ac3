// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Somebody else on the machine has put links, pipes or second names where a gateway's files should be.
@Suite struct PlantedFileTests {
  /// A folder that everybody can write to, as a shared scratch place is, and a file outside of it that must stay.
  private final class Shared: Sendable {
    let folder: TemporaryFolder
    let path: String
    let victim: URL

    init(isSticky: Bool) throws {
      self.folder = try TemporaryFolder()
      self.path = self.folder.file("shared").path
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: false)
      chmod(self.path, isSticky ? 0o1777 : 0o777)
      self.victim = try self.folder.write("precious", to: "victim")
    }

    /// Runs `start` to its end, and whatever it started after it.
    func start(_ settings: [String: String], prefix: String? = nil) throws -> GatewayCommand {
      let prefix = prefix ?? self.folder.file("prefix").path
      let text = GatewayProcess.configuration(
        folder: self.folder, port: try FreePort().number,
        settings: ["database": "sqlite", "declarative_config": ""].merging(settings) { _, given in given })
      let conf = try self.folder.write(text, to: "gibbon.conf")
      let result = try GatewayCommand.run(["start", "-c", conf.path, "-p", prefix], folder: self.folder.url)
      _ = try GatewayCommand.run(["stop", "-p", prefix], folder: self.folder.url)
      return result
    }

    func plant(_ kind: Plant, at name: String) throws {
      let place = "\(self.path)/\(name)"
      switch kind {
      case .link: try #require(symlink(self.victim.path, place) == 0)
      case .linkToNothing: try #require(symlink(self.folder.file("made").path, place) == 0)
      case .secondName: try #require(link(self.victim.path, place) == 0)
      case .pipe: try #require(mkfifo(place, 0o666) == 0)
      }
    }

    func expectUntouched() {
      #expect(contents(of: self.victim) == "precious")
      #expect(!FileManager.default.fileExists(atPath: self.folder.file("made").path))
    }
  }

  enum Plant: CaseIterable { case link, linkToNothing, secondName, pipe }

  @Test(arguments: Plant.allCases, [true, false]) func logIsNotWrittenThere(plant: Plant, isSticky: Bool) throws {
    for property in ["proxy_access_log", "proxy_error_log"] {
      let shared = try Shared(isSticky: isSticky)
      try shared.plant(plant, at: "x.log")
      let result = try shared.start([property: "\(shared.path)/x.log"])
      #expect(result.exitCode == 1)
      #expect(result.errorOutput.contains(property), "\(result.allOutput)")
      shared.expectUntouched()
    }
  }

  @Test(arguments: Plant.allCases, ["", "-wal", "-shm"]) func databaseIsNotMadeThere(plant: Plant, suffix: String)
    throws
  {
    let shared = try Shared(isSticky: true)
    try shared.plant(plant, at: "g.db" + suffix)
    let result = try shared.start(["sqlite_path": "\(shared.path)/g.db"])
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("sqlite_path"), "\(result.allOutput)")
    shared.expectUntouched()
  }

  @Test func databaseWhoseFilesEverybodyCanExchangeIsRefused() throws {
    let shared = try Shared(isSticky: false)
    let result = try shared.start(["sqlite_path": "\(shared.path)/g.db"])
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("everybody can exchange files"), "\(result.allOutput)")
  }

  @Test(arguments: [true, false]) func prefixThatIsALinkIsNotUsed(isSticky: Bool) throws {
    let shared = try Shared(isSticky: isSticky)
    let other = shared.folder.file("other").path
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    try #require(symlink(other, "\(shared.path)/prefix") == 0)
    for prefix in ["\(shared.path)/prefix", "\(shared.path)/prefix/deeper"] {
      let result = try shared.start([:], prefix: prefix)
      #expect(result.exitCode == 1)
      #expect(result.errorOutput.contains("link"), "\(result.allOutput)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: other) == [])
  }

  @Test(.enabled(if: geteuid() == 0)) func prefixThatSomebodyElseMadeIsNotUsed() throws {
    let shared = try Shared(isSticky: true)
    let prefix = "\(shared.path)/prefix"
    try FileManager.default.createDirectory(atPath: prefix, withIntermediateDirectories: false)
    chown(prefix, 65534, 65534)
    let result = try shared.start([:], prefix: prefix)
    #expect(result.exitCode == 1)
    #expect(result.errorOutput.contains("belongs to another user"), "\(result.allOutput)")
  }

  @Test func ownPrefixInASharedFolderWorksAndIsClosedToOthers() throws {
    let shared = try Shared(isSticky: true)
    let prefix = "\(shared.path)/prefix"
    let result = try shared.start([:], prefix: prefix)
    #expect(result.exitCode == 0, "\(result.allOutput)")
    let modes = try Self.modes(under: prefix)
    #expect(modes[""] == 0o700)
    for (name, mode) in modes where !name.isEmpty {
      #expect(mode & 0o007 == 0, "\(name) has \(String(mode, radix: 8))")
    }
    for name in ["gibbon.db", "gibbon.id"] { #expect(modes[name] == 0o600) }
    for name in ["logs/access.log", "logs/error.log"] { #expect(modes[name] == 0o640) }
  }

  @Test func filesOfARunningGatewayAreClosedToOthersWhateverTheUmask() throws {
    let folder = try TemporaryFolder()
    let prefix = folder.file("prefix").path
    let text = GatewayProcess.configuration(
      folder: folder, port: try FreePort().number, settings: ["database": "sqlite", "declarative_config": ""])
    let conf = try folder.write(text, to: "gibbon.conf")
    let script = "umask 0; exec \"$0\" \"$@\""
    for arguments in [["start", "-c", conf.path, "-p", prefix], ["reload", "-p", prefix]] {
      let process = try ChildProcess(
        executable: URL(fileURLWithPath: "/bin/sh"),
        arguments: ["-c", script, try GatewayBinary.locate().path] + arguments,
        environment: [:], folder: folder.url, name: arguments[0])
      #expect(try process.wait(seconds: 30) == 0, "\(process.errorOutput)")
    }
    defer { _ = try? GatewayCommand.run(["stop", "-p", prefix], folder: folder.url) }
    let modes = try Self.modes(under: prefix)
    let secret = [
      "gibbon.db", "gibbon.db-wal", "gibbon.db-shm", "gibbon.id", "reload.status", "pids/gibbon.pid", "pids/nginx.pid",
    ]
    for name in secret { #expect(modes[name] == 0o600, "\(name)") }
    for name in ["logs/access.log", "logs/error.log"] { #expect(modes[name] == 0o640, "\(name)") }
    for name in ["", "pids", "sockets", "ssl"] { #expect(modes[name] == 0o700, "\(name)") }
  }

  private static func modes(under path: String) throws -> [String: UInt32] {
    var modes: [String: UInt32] = [:]
    for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: path)) {
      var information = stat()
      if lstat("\(path)/\(name)", &information) == 0 { modes[name] = information.st_mode & 0o7777 }
    }
    return modes
  }
}
