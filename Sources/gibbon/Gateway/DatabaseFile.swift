// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import Glibc

/// The files of the embedded database, made before SQLite does: for this user alone, and never in a place where
/// somebody else has put a link. SQLite gives those beside the first the same permissions.
enum DatabaseFile {
  /// - Throws: `Failure` saying which file is not taken and why.
  static func prepare(_ path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard !GuardedFolder.isOpenToAll(folder.isEmpty ? "/" : folder) else {
      throw Failure(
        "sqlite_path: everybody can exchange files in \(folder)",
        advice: "Choose a folder that is this user's, or take the right to write there from others.")
    }
    do throws(GuardedFileError) {
      close(try GuardedFile.open(path, .secret, .write).descriptor)
      // In a sticky folder nobody can take away what is there before SQLite looks for it.
      for suffix in ["-wal", "-shm"] { close(try GuardedFile.open(path + suffix, .secret, .write).descriptor) }
      try Self.refuseForeign(path + "-journal")
    } catch {
      throw Failure(
        "sqlite_path: \(error)", advice: "Make its folder and let this user write there, or choose another path.")
    }
  }

  private static func refuseForeign(_ path: String) throws(GuardedFileError) {
    do throws(GuardedFileError) {
      close(try GuardedFile.open(path, .secret, .read).descriptor)
    } catch {
      if error.code != ENOENT { throw error }
    }
  }
}
