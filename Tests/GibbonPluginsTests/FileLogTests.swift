// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonSchema
import GibbonTesting
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// The file-log plugin, with real files.
@Suite struct FileLogTests {
  private let folder: TemporaryFolder
  private var path: String { self.folder.file("log.json").path }

  init() throws { self.folder = try TemporaryFolder() }

  private static func lines(_ path: String) -> [String] {
    (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
  }

  private static func targets(_ path: String) throws -> [String?] {
    try Self.lines(path).map { try parsed($0.utf8)["request"]?["uri"]?.stringValue }
  }

  private func wait(_ count: Int, at path: String) async throws {
    try await eventually("\(count) lines") { Self.lines(path).count >= count }
  }

  @Test func eachRequestIsALine() async throws {
    let path = self.path
    let plugin = try instance(
      FileLogPlugin.self, ["path": .string(path), "custom_fields_by_lua": ["route": "return nil", "n": "return 1"]])
    for number in 0..<200 { try log(plugin, try finished("/\(number)")) }
    try await self.wait(200, at: path)
    #expect(try Self.targets(path) == (0..<200).map { "/\($0)" })
    #expect(try parsed(Self.lines(path)[0].utf8)["n"] == 1)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  @Test func linesAreAdded() async throws {
    let path = self.path
    try Data("before\n".utf8).write(to: URL(fileURLWithPath: path))
    try log(try instance(FileLogPlugin.self, ["path": .string(path)]), try finished("/1"))
    try await self.wait(2, at: path)
    #expect(Self.lines(path)[0] == "before")
  }

  @Test func aFileThatWasMovedAwayIsWrittenOnWithoutReopen() async throws {
    let path = self.path
    let moved = self.folder.file("moved").path
    let plugin = try instance(FileLogPlugin.self, ["path": .string(path)])
    try log(plugin, try finished("/1"))
    try await self.wait(1, at: path)
    try FileManager.default.moveItem(atPath: path, toPath: moved)
    try log(plugin, try finished("/2"))
    try await self.wait(2, at: moved)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aFileThatWasMovedAwayIsMadeAgainWithReopen() async throws {
    let path = self.path
    let moved = self.folder.file("moved").path
    let plugin = try instance(FileLogPlugin.self, ["path": .string(path), "reopen": true])
    try log(plugin, try finished("/1"))
    try await self.wait(1, at: path)
    try FileManager.default.moveItem(atPath: path, toPath: moved)
    try log(plugin, try finished("/2"))
    try await self.wait(1, at: path)
    #expect(try Self.targets(path) == ["/2"] && Self.targets(moved) == ["/1"])
  }

  @Test func aFileThatCannotBeOpenedIsReported() async throws {
    let reports = Reports()
    let path = self.folder.file("no/such/folder").path
    let plugin = try instance(FileLogPlugin.self, ["path": .string(path)], host: reports.host)
    try log(plugin, try finished())
    try await eventually("the failure") { reports.has("failed to open the file \(path): No such file or directory") }
    let here = try instance(FileLogPlugin.self, ["path": .string(self.folder.file("").path)], host: reports.host)
    try log(here, try finished())
    try await eventually("the failure") { reports.has(": Is a directory") }
  }

  /// Somebody else can write to the folder, and has put something where the file should be.
  @Test func whatOthersPlantedIsNotWrittenTo() async throws {
    let shared = self.folder.file("shared").path
    try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: false)
    chmod(shared, 0o1777)
    let victim = try self.folder.write("precious", to: "victim").path
    try #require(symlink(victim, "\(shared)/link") == 0)
    try #require(symlink(self.folder.file("made").path, "\(shared)/nothing") == 0)
    try #require(link(victim, "\(shared)/second") == 0)
    try #require(mkfifo("\(shared)/pipe", 0o666) == 0)
    for (name, reason) in [
      ("link", "a link in a folder that others can write to"),
      ("nothing", "a link in a folder that others can write to"),
      ("second", "has a second name elsewhere"), ("pipe", "is a pipe that nobody reads"),
    ] {
      let reports = Reports()
      let plugin = try instance(
        FileLogPlugin.self, ["path": .string("\(shared)/\(name)")], host: reports.host)
      try log(plugin, try finished())
      try await eventually("the refusal of \(name)") {
        reports.has("failed to open the file \(shared)/\(name): ") && reports.has(reason)
      }
    }
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
    #expect(!FileManager.default.fileExists(atPath: self.folder.file("made").path))
  }

  @Test func aFullDiskIsReportedAndLosesLines() async throws {
    let reports = Reports()
    let plugin = try instance(FileLogPlugin.self, ["path": "/dev/full"], host: reports.host)
    try log(plugin, try finished())
    try await eventually("the failure") { reports.has("failed to write to /dev/full: No space left on device") }
    #expect(reports.has("1 queue entries were lost"))
  }

  @Test func nothingIsOpenedBeforeThereIsSomethingToWrite() throws {
    _ = try instance(FileLogPlugin.self, ["path": .string(self.path)])
    #expect(!FileManager.default.fileExists(atPath: self.path))
  }

  @Test(arguments: ["/ovo*", "/a&b", "/a%b", "/a`b", "/a\\b"]) func oddNamesAreRefused(path: String) {
    #expect(outcome("file-log", ["path": .string(path)]).contains("not a valid filename"))
  }

  @Test func thePathIsRequired() {
    #expect(outcome("file-log", ["reopen": true]).contains("path: required field missing"))
    #expect(outcome("file-log", ["path": "/tmp/log.txt"]).contains(#""reopen":false"#))
  }
}
