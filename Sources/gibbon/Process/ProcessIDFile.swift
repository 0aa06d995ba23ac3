// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import Glibc

/// The process id file of a running gateway, locked by it for as long as it lives.
///
/// The lock, not the number in the file, tells whether the gateway runs: the kernel takes it away with
/// the process, so a file left behind by a crash, or a number that another process got since, misleads
/// nobody. It is a lock of the process, so this process must not open the file a second time: closing any
/// descriptor of it gives the lock away.
struct ProcessIDFile: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock for this process.
  /// - Returns: nil when another process holds it.
  /// - Throws: `Failure` when the file cannot be written.
  static func acquire(_ path: String) throws -> ProcessIDFile? {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw Failure("cannot write \(path): \(systemReason())") }
      var request = Self.lockRequest
      guard fcntl(descriptor, F_SETLK, &request) == 0 else {
        let code = errno
        close(descriptor)
        if code == EACCES || code == EAGAIN { return nil }
        throw Failure("cannot lock \(path): \(systemReason(code))")
      }
      // The owner before may have removed the file between our open and our lock.
      if Self.isSameFile(descriptor, path) { return ProcessIDFile(path: path, descriptor: descriptor) }
      close(descriptor)
    }
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
    self.write("\(getpid())\n")
  }

  /// From now on the gateway counts as healthy.
  func markReady() { self.write("\(getpid())\nready\n") }

  /// To be called last: whoever waits for the lock goes on when the process has ended.
  consuming func remove() { unlink(self.path) }

  private func write(_ text: String) {
    ftruncate(self.descriptor, 0)
    lseek(self.descriptor, 0, SEEK_SET)
    Descriptor.write(Array(text.utf8), to: self.descriptor)
  }

  /// An exclusive lock of the whole file.
  fileprivate static var lockRequest: flock {
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    return request
  }

  private static func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
    guard let opened = FileIdentity(descriptor: descriptor), let named = FileIdentity(path: path) else { return false }
    return opened == named
  }
}

/// A gateway found through its process id file.
struct RunningGateway: ~Copyable {
  let pid: pid_t
  private let descriptor: Int32

  /// nil when none runs in this prefix.
  init?(_ prefix: Prefix) {
    let descriptor = open(prefix.processIDFile, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard let owner = Self.owner(descriptor) else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.pid = owner
  }

  deinit { close(self.descriptor) }

  /// Asks the kernel, so that neither a reused number nor a process nobody has waited for is taken for it.
  var isAlive: Bool { Self.owner(self.descriptor) == self.pid }

  /// Whether it accepts requests.
  var isReady: Bool {
    var bytes = [UInt8](repeating: 0, count: 64)
    // pread() writes at most the length it is given, which is the array's own.
    let count = pread(self.descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return false }
    return String(decoding: bytes[..<count], as: UTF8.self).hasSuffix("ready\n")
  }

  /// - Throws: `Failure` when the signal cannot be sent, for instance to another user's process.
  func send(_ signal: Int32) throws {
    if kill(self.pid, signal) != 0, errno != ESRCH {
      throw Failure("cannot signal the gateway (pid \(self.pid)): \(systemReason())")
    }
  }

  /// Waits until it is gone.
  /// - Returns: whether it is, before the time ran out.
  func waitUntilGone(_ timeout: Duration) -> Bool { Patience.wait(timeout) { !self.isAlive } }

  private static func owner(_ descriptor: Int32) -> pid_t? {
    var request = ProcessIDFile.lockRequest
    guard fcntl(descriptor, F_GETLK, &request) == 0, request.l_type != Int16(F_UNLCK) else { return nil }
    return request.l_pid > 0 ? request.l_pid : nil
  }
}

/// Waiting for something that another process does.
enum Patience {
  static func wait(_ timeout: Duration, until isDone: () -> Bool) -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + timeout
    while !isDone() {
      if clock.now >= deadline { return false }
      Self.pause(milliseconds: 10)
    }
    return true
  }

  static func pause(milliseconds: Int) {
    // A signal may end the pause early; whoever pauses looks again anyway.
    usleep(useconds_t(clamping: milliseconds * 1000))
  }
}
