// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import Glibc

/// The folder of one gateway: what lies where, and making it.
struct Prefix: Hashable {
  let path: String

  var processIDFile: String { self.path + "/pids/gibbon.pid" }
  var reloadStatusFile: String { self.path + "/reload.status" }
  var reloadRequestFile: String { self.path + "/reload.request" }

  private static let folders = ["pids", "logs", "sockets", "ssl"]

  /// Makes the folder and what belongs into it; existing ones stay as they are.
  /// - Throws: `Failure` naming the folder and the reason.
  func prepare() throws {
    let isShared = self.path.hasPrefix("/tmp/")
    try Self.makeFolder(self.path, mode: isShared ? 0o700 : 0o755)
    if isShared { try self.checkOwner() }
    for folder in Self.folders {
      try Self.makeFolder("\(self.path)/\(folder)", mode: folder == "ssl" ? 0o700 : 0o755)
    }
    guard FileText.isWritable(self.path) else {
      throw Failure(
        "the prefix \(self.path) is not writable for this user",
        advice: "Choose another with -p FOLDER, or GIBBON_PREFIX in the environment.")
    }
  }

  /// In a folder where everybody may write, somebody else may have been there first.
  private func checkOwner() throws {
    guard let folder = FileIdentity(path: self.path) else { throw Failure("\(self.path): \(systemReason())") }
    guard folder.owner == getuid(), folder.isFolder else {
      throw Failure(
        "the prefix \(self.path) belongs to another user", advice: "Choose another with -p FOLDER.")
    }
  }

  /// Makes a folder and those above it.
  static func makeFolder(_ path: String, mode: mode_t) throws {
    if mkdir(path, mode) == 0 || errno == EEXIST { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try Self.makeFolder(String(path[..<slash]), mode: 0o755)
      if mkdir(path, mode) == 0 || errno == EEXIST { return }
    }
    throw Failure(
      "cannot make the folder \(path): \(systemReason())",
      advice: "Choose a prefix this user may write to with -p FOLDER, or GIBBON_PREFIX in the environment.")
  }
}
