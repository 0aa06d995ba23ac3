// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation
internal import Synchronization

/// A program started by a test, its output in files. Killed when the value goes, or when the test process does.
public final class ChildProcess: Sendable {
  /// How a program ended: its exit code, or 128 plus the signal that killed it, as a shell counts.
  public typealias ExitCode = Int32

  public let processID: pid_t
  public let outputFile: URL
  public let errorFile: URL
  private let ended = Mutex<ExitCode?>(nil)

  /// Starts `executable`.
  ///
  /// - Parameters:
  ///   - environment: the whole of it; nothing is inherited.
  ///   - folder: where the two output files go.
  public init(executable: URL, arguments: [String], environment: [String: String], folder: URL, name: String) throws {
    self.outputFile = folder.appendingPathComponent("\(name).out")
    self.errorFile = folder.appendingPathComponent("\(name).err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, self.outputFile.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, self.errorFile.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    setCleanSignals(&attributes)

    let words = CStrings([executable.path] + arguments)
    let variables = CStrings(environment.map { "\($0.key)=\($0.value)" })
    defer {
      words.free()
      variables.free()
    }
    var started: pid_t = 0
    let error = descriptorLock.withLock { _ in
      closeInheritedOnExec()
      return posix_spawn(&started, executable.path, &actions, &attributes, words.pointers, variables.pointers)
    }
    guard error == 0 else {
      throw HarnessError(.failed, "cannot start \(executable.path): \(String(cString: strerror(error)))")
    }
    self.processID = started
    Watchdog.shared.watch(started)
  }

  deinit { self.kill() }

  /// The exit code once the program has ended, `nil` while it runs.
  public var exitCode: ExitCode? {
    self.ended.withLock { known in
      if let known { return known }
      var status: Int32 = 0
      guard waitpid(self.processID, &status, WNOHANG) == self.processID else { return nil }
      Watchdog.shared.forget(self.processID)
      known = (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
      return known
    }
  }

  /// Waits for the end.
  public func wait(seconds: Double = Deadline.defaultSeconds) throws -> ExitCode {
    try Deadline.wait(for: "process \(self.processID) to end", seconds: seconds) { self.exitCode != nil }
    return self.exitCode ?? -1
  }

  public func signal(_ number: Int32) {
    if self.exitCode == nil { _ = Foundation.kill(self.processID, number) }
  }

  /// Ends it with SIGKILL if it still runs, with whatever it started in its process group, and waits for that.
  public func kill() {
    if self.exitCode == nil { _ = Foundation.kill(-self.processID, SIGKILL) }
    _ = try? self.wait(seconds: 5)
  }

  public var output: String { contents(of: self.outputFile) }
  public var errorOutput: String { contents(of: self.errorFile) }
}

/// The text of a file, empty when there is none.
public func contents(of file: URL) -> String {
  (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// Marks every descriptor of this process above the standard three as closed on exec. Whoever started the test may
/// have left some open (a lock of a build, for one), and no gateway may keep them.
func closeInheritedOnExec() {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  for descriptor in names.compactMap({ Int32($0) }) where descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
}

/// Default dispositions, an empty mask and a process group of its own, whatever the test runner has for itself.
private func setCleanSignals(_ attributes: inout posix_spawnattr_t) {
  var all = sigset_t()
  var none = sigset_t()
  sigfillset(&all)
  sigemptyset(&none)
  posix_spawnattr_setsigdefault(&attributes, &all)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
}

/// A NULL-terminated array of C strings.
private struct CStrings {
  let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ strings: [String]) {
    self.pointers = strings.map { strdup($0) } + [nil]
  }

  func free() {
    for pointer in self.pointers { Foundation.free(pointer) }
  }
}
