// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc

/// Folders of this process.
public enum GuardedFolder {
  /// Makes a folder, and those above it that are missing. One that is there must be this process's: nobody else may
  /// be able to exchange what is in it.
  ///
  /// - Parameter mode: of a folder that is made, whatever the umask is.
  public static func make(_ path: String, mode: UInt32) throws(GuardedFileError) {
    var way = try GuardedPath(path)
    while true {
      let name = try way.last(makesFolders: true)
      let isNew = unsafe mkdirat(way.folder, name, mode) == 0
      guard isNew || errno == EEXIST else { throw GuardedFileError(path, code: errno) }
      let descriptor = unsafe openat(way.folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if descriptor >= 0 {
        defer { close(descriptor) }
        try Self.check(descriptor, path, in: way.exposure)
        if isNew { fchmod(descriptor, mode) }
        return
      }
      let code = errno
      guard code == ELOOP || code == ENOTDIR, Self.isLink(name, in: way.folder) else {
        throw GuardedFileError(path, code: code)
      }
      try way.follow(name)
    }
  }

  private static func isLink(_ name: String, in folder: Int32) -> Bool {
    let descriptor = unsafe gibbon_open_path(folder, name)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return FileIdentity(descriptor: descriptor)?.isLink == true
  }

  private static func check(_ descriptor: Int32, _ path: String, in parent: FolderExposure) throws(GuardedFileError) {
    guard let folder = FileIdentity(descriptor: descriptor) else { throw GuardedFileError(path, code: errno) }
    // A folder that only root can have put there is meant, whosever it is.
    guard folder.owner == geteuid() || parent == .nobody else {
      throw GuardedFileError(path, "belongs to another user")
    }
    if folder.owner == geteuid(), folder.mode & 0o022 != 0 { fchmod(descriptor, folder.mode & 0o7755) }
  }

  /// Whether everybody can exchange the files of a folder: write there, where it is not sticky.
  public static func isOpenToAll(_ path: String) -> Bool {
    // The last part is the file that would be in it.
    guard var way = try? GuardedPath(path + "/file"), (try? way.last()) != nil else { return false }
    return way.exposure == .everybody(isSticky: false)
  }
}
