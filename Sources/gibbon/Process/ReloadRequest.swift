// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import Glibc

/// A configuration file and variables: what `gibbon reload` brings along, which stands in the prefix from the command's
/// signal until the gateway has read it, and what a gateway was started with. Readable by its owner only.
struct ReloadRequest {
  let conf: String?
  let environment: [String: String]

  /// A declarative configuration may be given in a variable.
  private static let largestBytes = 64 << 20

  /// - Throws: `Failure` when the prefix cannot be written.
  func put(_ prefix: Prefix) throws {
    do throws(GuardedFileError) {
      try GuardedFile.replace(prefix.reloadRequestFile, with: self.bytes)
    } catch {
      throw Failure("cannot write \(error)")
    }
  }

  private var bytes: [UInt8] {
    var bytes: [UInt8] = []
    if let conf { bytes += Array("=\(conf)".utf8) + [0] }
    for (name, value) in self.environment { bytes += Array("\(name)=\(value)".utf8) + [0] }
    return bytes
  }

  /// Reads the request and removes it.
  static func take(_ prefix: Prefix) -> ReloadRequest? {
    defer { unlink(prefix.reloadRequestFile) }
    return Self.read(prefix.reloadRequestFile)
  }

  // MARK: For `restart`

  /// Keeps what a gateway has its configuration from, so that it can be started again in the same way.
  func remember(_ prefix: Prefix) { try? GuardedFile.replace(prefix.sourcesFile, with: self.bytes) }

  static func remembered(_ prefix: Prefix) -> ReloadRequest? { Self.read(prefix.sourcesFile) }

  private static func read(_ path: String) -> ReloadRequest? {
    guard let bytes = try? GuardedFile.read(path, limit: Self.largestBytes) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    var conf: String?
    var environment: [String: String] = [:]
    for entry in text.split(separator: "\0") {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      if parts[0].isEmpty {
        conf = String(parts[1])
      } else {
        environment[String(parts[0])] = String(parts[1])
      }
    }
    return ReloadRequest(conf: conf, environment: environment)
  }
}
