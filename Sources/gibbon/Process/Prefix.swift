// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import Glibc

/// The folder of one gateway: what lies where, and making it.
struct Prefix: Hashable {
  let path: String

  var processIDFolder: String { self.path + "/pids" }
  var processIDFile: String { self.processIDFolder + "/gibbon.pid" }
  /// For scripts that know Kong.
  var nginxProcessIDFile: String { self.processIDFolder + "/nginx.pid" }
  var reloadStatusFile: String { self.path + "/reload.status" }
  var reloadRequestFile: String { self.path + "/reload.request" }

  private static let folders: [(name: String, mode: UInt32)] = [
    ("pids", 0o700), ("logs", 0o750), ("sockets", 0o700), ("ssl", 0o700),
  ]

  /// Makes the folder and what belongs into it, for this user alone. Nobody else can put something into those that are
  /// there; otherwise they stay as they are.
  ///
  /// - Throws: `Failure` naming the folder and the reason.
  func prepare() throws {
    try Self.makeFolder(self.path, mode: 0o700)
    for folder in Self.folders { try Self.makeFolder("\(self.path)/\(folder.name)", mode: folder.mode) }
    guard FileText.isWritable(self.path) else {
      throw Failure(
        "the prefix \(self.path) is not writable for this user",
        advice: "Choose another with -p FOLDER, or GIBBON_PREFIX in the environment.")
    }
  }

  private static func makeFolder(_ path: String, mode: UInt32) throws {
    do {
      try GuardedFolder.make(path, mode: mode)
    } catch {
      throw Failure(
        "cannot use the folder \(error)",
        advice: "Choose a prefix that is this user's with -p FOLDER, or GIBBON_PREFIX in the environment.")
    }
  }
}
