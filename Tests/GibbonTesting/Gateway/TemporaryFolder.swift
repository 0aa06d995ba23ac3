// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// A folder under /tmp that goes with this value, unless `GIBBON_TEST_KEEP` is set.
public final class TemporaryFolder: Sendable {
  public let url: URL

  public init() throws {
    let root = URL(fileURLWithPath: "/tmp").appendingPathComponent("gibbon-test-\(getpid())")
    self.url = root.appendingPathComponent(String(UUID().uuidString.prefix(13)))
    if ProcessInfo.processInfo.environment["GIBBON_TEST_KEEP"] == nil { Watchdog.shared.removeAtEnd(root.path) }
    try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
  }

  deinit {
    if ProcessInfo.processInfo.environment["GIBBON_TEST_KEEP"] != nil { return }
    try? FileManager.default.removeItem(at: self.url)
  }

  /// Writes `text` into a file of this folder.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> URL {
    let file = self.url.appendingPathComponent(name)
    try Data(text.utf8).write(to: file, options: .atomic)
    return file
  }

  public func file(_ name: String) -> URL { self.url.appendingPathComponent(name) }
}
