// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Opens files of this process in folders that others may be able to write to, where a link, a second name or a pipe
/// could have been put in a file's place.
public enum GuardedFile {
  public enum Kind: Sendable, Hashable {
    /// For this process alone (0600): a regular file of its user, by this name only.
    case secret
    /// For this process to append to, and for its group to read (0640). A device or a pipe will do where only root
    /// and this user can have put it.
    case log

    var mode: mode_t { self == .secret ? 0o600 : 0o640 }
  }

  public enum Access: Sendable, Hashable {
    case read
    /// Made where it is missing.
    case write
    /// Made where it is missing.
    case append
    /// Made; it must not be there.
    case create

    var flags: Int32 {
      switch self {
      case .read: O_RDONLY
      case .write: O_RDWR
      case .append: O_WRONLY | O_APPEND
      case .create: O_RDWR
      }
    }
  }

  /// A file may be exchanged while it is opened; whoever does that again and again gets a refusal.
  private static let attempts = 8

  /// Opens a file, whose permissions do not depend on the umask where it is made.
  ///
  /// - Returns: the descriptor, and whether the file was made.
  public static func open(
    _ path: String, _ kind: Kind, _ access: Access
  ) throws(GuardedFileError) -> (descriptor: Int32, isNew: Bool) {
    var way = try GuardedPath(path)
    var name = try way.last()
    for _ in 0..<Self.attempts {
      if access != .read, let made = try Self.make(name, way.folder, path, kind, access) { return (made, true) }
      if access == .create { throw GuardedFileError(path, code: EEXIST) }
      // O_NONBLOCK: a pipe that nobody writes to must not keep us.
      let descriptor = unsafe openat(way.folder, name, access.flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      if descriptor < 0 {
        switch errno {
        case ELOOP:
          try way.follow(name)
          name = try way.last()
        case ENOENT where access != .read: continue
        case ENXIO: throw GuardedFileError(path, "is a pipe that nobody reads, or a socket")
        case let code: throw GuardedFileError(path, code: code)
        }
        continue
      }
      do throws(GuardedFileError) {
        try Self.check(descriptor, path, kind, in: way.folder)
        return (descriptor, false)
      } catch {
        close(descriptor)
        throw error
      }
    }
    throw GuardedFileError(path, "is exchanged again and again")
  }

  /// nil where it is there already.
  private static func make(
    _ name: String, _ folder: Int32, _ path: String, _ kind: Kind, _ access: Access
  ) throws(GuardedFileError) -> Int32? {
    let flags = access.flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = unsafe openat(folder, name, flags, kind.mode)
    guard descriptor >= 0 else {
      if errno == EEXIST || errno == ELOOP { return nil }
      throw GuardedFileError(path, code: errno)
    }
    fchmod(descriptor, kind.mode)
    return descriptor
  }

  private static func check(
    _ descriptor: Int32, _ path: String, _ kind: Kind, in folder: Int32
  ) throws(GuardedFileError) {
    guard let file = FileIdentity(descriptor: descriptor), let folder = FileIdentity(descriptor: folder) else {
      throw GuardedFileError(path, code: errno)
    }
    let exposure = folder.exposure
    guard file.isRegular else {
      guard kind == .log, !file.isFolder, !exposure.isEverybody, exposure == .nobody || file.isTrusted else {
        throw GuardedFileError(path, "is not a regular file")
      }
      let flags = fcntl(descriptor, F_GETFL)
      _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
      return
    }
    guard kind == .secret || exposure != .nobody else { return }
    // Root acts for other users too, on their own files in their own folders.
    let isForOwner = geteuid() == 0 && (exposure == .nobody || !exposure.isEverybody && file.owner == folder.owner)
    guard file.isTrusted || isForOwner else {
      throw GuardedFileError(path, "belongs to another user")
    }
    guard file.linkCount == 1 else {
      throw GuardedFileError(path, "has a second name elsewhere, and is not touched")
    }
    if kind == .secret, file.owner == geteuid(), file.mode & 0o077 != 0 { fchmod(descriptor, kind.mode) }
  }

  /// The whole of a small file of this process's.
  ///
  /// - Parameter limit: bytes; more is refused.
  public static func read(_ path: String, limit: Int = 1 << 20) throws(GuardedFileError) -> [UInt8] {
    let (descriptor, _) = try Self.open(path, .secret, .read)
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      // Safety: at most the array's own length is written into it.
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw GuardedFileError(path, code: errno) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw GuardedFileError(path, "is larger than \(limit) bytes") }
    }
  }

  /// Replaces a file as a whole: who reads it sees the old one or the new one.
  public static func replace(_ path: String, with bytes: [UInt8]) throws(GuardedFileError) {
    var way = try GuardedPath(path)
    let name = try way.last()
    let draft = "\(name).\(getpid())"
    _ = unsafe unlinkat(way.folder, draft, 0)
    guard let descriptor = try Self.make(draft, way.folder, path, .secret, .create) else {
      throw GuardedFileError(path, code: EEXIST)
    }
    // What root writes for another user's gateway must be that gateway's to read.
    if geteuid() == 0, let folder = FileIdentity(descriptor: way.folder), folder.owner != 0 {
      _ = fchown(descriptor, folder.owner, gid_t.max)
    }
    let isWritten = Self.write(bytes, to: descriptor)
    let code = errno
    close(descriptor)
    let folder = way.folder
    guard isWritten, unsafe renameat(folder, draft, folder, name) == 0 else {
      let reason = isWritten ? errno : code
      _ = unsafe unlinkat(folder, draft, 0)
      throw GuardedFileError(path, code: reason)
    }
  }

  /// Writes everything; false where that is not possible, and `errno` says why.
  @discardableResult
  public static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Safety: the pointer is used inside the closure that lends it, with its own length.
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
