// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import Glibc

/// What `gibbon reload` brings along: a file and variables that the running gateway was not started with.
///
/// It stands in the prefix, readable by its owner only, from the command's signal until the gateway has read it.
struct ReloadRequest {
  let conf: String?
  let environment: [String: String]

  /// A declarative configuration may be given in a variable.
  private static let largestBytes = 64 << 20

  /// - Throws: `Failure` when the prefix cannot be written.
  func put(_ prefix: Prefix) throws {
    var bytes: [UInt8] = []
    if let conf { bytes += Array("=\(conf)".utf8) + [0] }
    for (name, value) in self.environment { bytes += Array("\(name)=\(value)".utf8) + [0] }
    do throws(GuardedFileError) {
      try GuardedFile.replace(prefix.reloadRequestFile, with: bytes)
    } catch {
      throw Failure("cannot write \(error)")
    }
  }

  /// Reads the request and removes it.
  static func take(_ prefix: Prefix) -> ReloadRequest? {
    guard let bytes = try? GuardedFile.read(prefix.reloadRequestFile, limit: Self.largestBytes) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    unlink(prefix.reloadRequestFile)
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
