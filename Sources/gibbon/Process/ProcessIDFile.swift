// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import Glibc

/// The process id file of a running gateway, locked by it for as long as it lives: one line, the number.
///
/// Locks, not what the file says, tell whether the gateway runs and whether it is ready: the kernel takes them away
/// with the process, so a file left behind by a crash, or a number that another process got since, misleads nobody.
/// They are locks of the process, so this process must not open the file a second time: closing any descriptor of it
/// gives the locks away.
struct ProcessIDFile: ~Copyable {
  private let prefix: Prefix
  private let descriptor: Int32

  /// Takes the lock for this process.
  ///
  /// - Returns: nil when another gateway holds it.
  /// - Throws: `Failure` when the file cannot be written.
  static func acquire(_ prefix: Prefix) throws -> ProcessIDFile? {
    let path = prefix.processIDFile
    // Those who start at the same time go one after the other.
    let turn = Glibc.open(prefix.processIDFolder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if turn >= 0 { flock(turn, LOCK_EX) }
    defer { if turn >= 0 { close(turn) } }
    for _ in 0..<Self.attempts {
      let descriptor = try Self.opened(path)
      if FileLock.running.take(descriptor) {
        // The owner before may have removed the file between our open and our lock.
        if FileIdentity(descriptor: descriptor) == FileIdentity(path: path) {
          return ProcessIDFile(prefix: prefix, descriptor: descriptor)
        }
      } else {
        let code = errno
        guard code == EACCES || code == EAGAIN else {
          close(descriptor)
          throw Failure("cannot lock \(path): \(systemReason(code))")
        }
        let owner = FileLock.running.owner(descriptor)
        if let owner, GatewayProcessCheck.isGateway(owner, file: descriptor) {
          close(descriptor)
          return nil
        }
        // Some other program has locked it: the gateway takes a new file, which that one knows nothing of.
        if owner != nil, FileIdentity(descriptor: descriptor) == FileIdentity(path: path) { unlink(path) }
      }
      close(descriptor)
    }
    throw Failure(
      "\(path) is locked by another program", advice: "'fuser \(path)' tells which; or choose another prefix.")
  }

  private static let attempts = 20

  private static func opened(_ path: String) throws -> Int32 {
    do {
      return try GuardedFile.open(path, .secret, .write).descriptor
    } catch {
      throw Failure(
        "cannot use the process id file \(error)", advice: "Remove it, or choose another prefix: -p FOLDER.")
    }
  }

  private init(prefix: Prefix, descriptor: Int32) {
    self.prefix = prefix
    self.descriptor = descriptor
    let line = Array("\(getpid())\n".utf8)
    ftruncate(descriptor, 0)
    lseek(descriptor, 0, SEEK_SET)
    GuardedFile.write(line, to: descriptor)
    // For scripts that know Kong: a file of its own, which nobody locks.
    try? GuardedFile.replace(prefix.nginxProcessIDFile, with: line)
  }

  /// From now on the gateway counts as healthy.
  func markReady() { _ = FileLock.ready.take(self.descriptor) }

  /// To be called last; whoever waits for the lock goes on when the process has ended.
  consuming func remove() {
    unlink(self.prefix.processIDFile)
    unlink(self.prefix.nginxProcessIDFile)
  }
}

/// A lock on one byte of the process id file.
enum FileLock: Int {
  case running = 0
  case ready = 1

  private var request: flock {
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    request.l_start = off_t(self.rawValue)
    request.l_len = 1
    return request
  }

  /// Without waiting; `errno` says why not.
  func take(_ descriptor: Int32) -> Bool {
    var request = self.request
    return fcntl(descriptor, F_SETLK, &request) == 0
  }

  /// Another process that has it.
  func owner(_ descriptor: Int32) -> pid_t? {
    var request = self.request
    guard fcntl(descriptor, F_GETLK, &request) == 0, request.l_type != Int16(F_UNLCK) else { return nil }
    return request.l_pid > 0 ? request.l_pid : nil
  }
}
