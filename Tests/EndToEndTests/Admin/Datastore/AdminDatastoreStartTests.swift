// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// A datastore that cannot be used ends the start with a message that says what to change.
@Suite struct AdminDatastoreStartTests {
  /// The file of the embedded datastore in a prefix, found by what a first start leaves there.
  private func datastore(services count: Int = 1) throws -> (folder: TemporaryFolder, file: URL) {
    let gateway = try GatewayProcess(administered: nil)
    // More than the log in front of the file holds, so that most of it is in the file.
    for number in 0..<count { try gateway.create("/services", ["name": "s\(number)", "host": "h"]) }
    gateway.stop()
    let root = gateway.folder.url
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    let name = names.first { path in
      (try? Data(contentsOf: root.appendingPathComponent(path)))?.starts(with: Array("SQLite format 3".utf8)) == true
    }
    return (gateway.folder, root.appendingPathComponent(try #require(name)))
  }

  /// What a start in that folder says, which must fail.
  private func failure(_ folder: TemporaryFolder, settings: [String: String] = [:]) throws -> String {
    let all = ["database": "sqlite", "admin_listen": "off"].merging(settings) { _, new in new }
    let text = GatewayProcess.configuration(folder: folder, port: try FreePort().number, settings: all)
    let conf = try folder.write(text, to: "gibbon.conf")
    let result = try GatewayCommand.run(
      ["start", "--foreground", "-c", conf.path, "-p", folder.url.path], folder: folder.url)
    #expect(result.exitCode == 1, "\(result.allOutput)")
    return result.errorOutput
  }

  @Test func aFileThatIsNoDatabaseIsNamed() throws {
    let (folder, file) = try self.datastore()
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path + suffix) }
    try Data(repeating: UInt8(ascii: "x"), count: 8192).write(to: file)
    let text = try self.failure(folder)
    #expect(text.contains(file.path), "\(text)")
    #expect(text.contains("Error"), "\(text)")
  }

  @Test func aTornFileIsNamed() throws {
    let (folder, file) = try self.datastore(services: 200)
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path + suffix) }
    let bytes = try Data(contentsOf: file)
    try #require(bytes.count > 100_000)
    try bytes.prefix(bytes.count / 3).write(to: file)
    let text = try self.failure(folder)
    #expect(text.contains(file.path), "\(text)")
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    let folder = try TemporaryFolder()
    let text = try self.failure(folder, settings: ["sqlite_path": "/proc/no/such/gibbon.sqlite"])
    #expect(text.contains("/proc/no/such"), "\(text)")
  }

  @Test func aSoundFileStarts() throws {
    let (folder, _) = try self.datastore()
    let again = try GatewayProcess(administered: folder)
    expect(try again.admin("GET", "/services/s0"), 200)
  }
}
