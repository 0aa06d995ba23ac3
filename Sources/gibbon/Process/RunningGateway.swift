// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import Glibc

/// A gateway found through its process id file.
struct RunningGateway: ~Copyable {
  let pid: pid_t
  private let descriptor: Int32

  /// nil when none runs in this prefix.
  ///
  /// - Throws: `Failure` where that cannot be told, since the file is not this user's or is no file.
  init?(_ prefix: Prefix) throws {
    let descriptor: Int32
    do {
      descriptor = try GuardedFile.open(prefix.processIDFile, .secret, .read).descriptor
    } catch {
      if error.code == ENOENT || error.code == ENOTDIR { return nil }
      throw Failure(
        "cannot tell whether Gibbon runs in \(prefix.path): \(error)",
        advice: "Be the user who started it, or name its prefix: -p FOLDER.")
    }
    guard let owner = FileLock.running.owner(descriptor), GatewayProcessCheck.isGateway(owner, file: descriptor) else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.pid = owner
  }

  deinit { close(self.descriptor) }

  /// Asks the kernel, so that neither a reused number nor a process nobody has waited for is taken for it.
  var isAlive: Bool { FileLock.running.owner(self.descriptor) == self.pid }

  /// Whether it accepts requests.
  var isReady: Bool { FileLock.ready.owner(self.descriptor) == self.pid }

  /// Whether it was stopped by a signal or a debugger and does nothing at all.
  var isFrozen: Bool { ["T", "t"].contains(GatewayProcessCheck.state(self.pid)) }

  /// - Throws: `Failure` when the signal cannot be sent, for instance to another user's process.
  func send(_ signal: Int32) throws {
    if kill(self.pid, signal) != 0, errno != ESRCH {
      throw Failure("cannot signal the gateway (pid \(self.pid)): \(systemReason())")
    }
  }

  /// Asks for a graceful end.
  func drain(_ request: DrainRequest) throws {
    do throws(SystemError) {
      try Signal.send(request, to: self.pid)
    } catch {
      guard error.code != ESRCH else { return }
      // The queue of signals is full: the plain one needs no place in it.
      try self.send(SIGQUIT)
    }
  }

  /// Waits until it is gone.
  ///
  /// - Returns: whether it is, before the time ran out.
  func waitUntilGone(_ timeout: Duration) -> Bool { Patience.wait(timeout) { !self.isAlive } }
}

/// Whether a process that has locked a process id file is a gateway of the one whose file that is. Anybody could have
/// locked it.
enum GatewayProcessCheck {
  static func isGateway(_ pid: pid_t, file: Int32) -> Bool {
    guard let process = FileIdentity(path: "/proc/\(pid)"), let owner = FileIdentity(descriptor: file)?.owner,
      process.owner == owner || process.owner == 0
    else { return false }
    guard let program = Self.program("/proc/\(pid)/exe"), let own = Self.program("/proc/self/exe") else { return false }
    // A newer program may have taken the place of the one that runs.
    return program == own || Self.name(program) == "gibbon" || Self.name(program) == Self.name(own)
  }

  /// `R`, `S`, `T` and so on, as the kernel says it.
  static func state(_ pid: pid_t) -> String {
    guard let text = try? FileText.read("/proc/\(pid)/stat"), let end = text.utf8.lastIndex(of: UInt8(ascii: ")"))
    else {
      return ""
    }
    return String(decoding: text.utf8[end...].dropFirst(2).prefix(1), as: UTF8.self)
  }

  private static func program(_ link: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    // readlink() writes at most the length it is given, which is the array's own.
    let count = readlink(link, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func name(_ program: String) -> String {
    let deleted = " (deleted)"
    let path = program.hasSuffix(deleted) ? String(program.dropLast(deleted.count)) : program
    return path.split(separator: "/").last.map(String.init) ?? path
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
