// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
// The C library declares `environ` as a plain global.
@preconcurrency internal import Glibc

/// Starts this program again, in a session of its own, and waits until it serves.
struct BackgroundStart {
  let configuration: Configuration
  let options: StartOptions

  /// The child's end of the pipe on which it reports.
  static let reportDescriptor: Int32 = 3

  /// `POSIX_SPAWN_SETSID` of `<spawn.h>`, which Swift does not see: the child leaves our terminal's session.
  private static let newSession: Int16 = 0x80

  /// A gateway that takes longer is given up. It may wait for its datastore first.
  private static let ownPatience = 60

  private var patience: Duration {
    let store = self.options.patience
    return .seconds(Self.ownPatience) + (self.configuration.database.isServer ? .seconds(store.seconds) : .zero)
  }

  /// - Returns: what the gateway reported, and its process id.
  /// - Throws: `Failure` with the gateway's own words when it did not come up.
  func run() throws -> (report: StartReport, pid: pid_t) {
    let log = try self.openLog()
    defer { close(log.descriptor) }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(systemReason())") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let pid: pid_t
    do {
      defer { close(ends[1]) }
      pid = try self.spawn(report: ends[1], log: log.descriptor)
    }
    guard let text = Self.readToEnd(ends[0], patience: self.patience) else {
      kill(pid, SIGKILL)
      _ = Self.exitReason(pid)
      throw Failure("the gateway was not ready after \(self.patience.components.seconds) s", advice: "See \(log.path).")
    }
    guard let report = StartReport(text) else {
      throw Failure(
        "the gateway ended before it was ready (\(Self.exitReason(pid)))", advice: "Its last words are in \(log.path).")
    }
    if case .failed(let message) = report {
      _ = Self.exitReason(pid)
      throw Failure(message)
    }
    return (report, pid)
  }

  /// The gateway's standard output and error go to its error log, made here so that a wrong path is told at once.
  private func openLog() throws -> (path: String, descriptor: Int32) {
    let path = self.configuration.logs.proxyError.path
    let file = path.hasPrefix("/dev/") ? self.configuration.prefix + "/logs/error.log" : path
    do {
      return (file, try GuardedFile.open(file, .log, .append).descriptor)
    } catch {
      throw Failure("proxy_error_log: cannot write \(error)", advice: "Set proxy_error_log to another path.")
    }
  }

  private var arguments: [String] {
    var arguments = [CommandLine.arguments.first ?? "gibbon", "start", "--foreground"]
    arguments += ["--ready-descriptor", "\(Self.reportDescriptor)", "--prefix", self.configuration.prefix]
    if let conf = self.options.configuration.sources.path { arguments += ["--conf", conf] }
    if self.options.runMigrations { arguments.append("--run-migrations") }
    arguments += ["--db-timeout", "\(self.options.dbTimeout)", "--lock-timeout", "\(self.options.lockTimeout)"]
    return arguments + self.options.verbosity.arguments
  }

  private func spawn(report: Int32, log: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    posix_spawn_file_actions_adddup2(&actions, report, Self.reportDescriptor)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Self.newSession)

    // Safety: the copies and the array with its closing nil live until posix_spawn() has returned.
    var words: [UnsafeMutablePointer<CChar>?] = self.arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, Self.programPath(), &actions, &attributes, &words, environ)
    guard code == 0 else { throw Failure("cannot start the gateway: \(systemReason(code))") }
    return pid
  }

  /// This program's file; the link in `/proc` also works when the file was replaced since.
  private static func programPath() -> String {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    // readlink() writes at most the length it is given, which is the array's own.
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    let path = String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return FileText.exists(path) ? path : "/proc/self/exe"
  }

  /// Everything until the other side closes, notes excepted, which are shown at once; nil when that takes too long.
  private static func readToEnd(_ descriptor: Int32, patience: Duration) -> String? {
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = deadline - clock.now
      guard left > .zero else { return nil }
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      guard poll(&poller, 1, Int32(milliseconds) + 1) > 0 else { continue }
      // read() writes at most the length it is given, which is the array's own.
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text.append(contentsOf: chunk[..<count])
      StartReport.takeNotes(from: &text).forEach { Console.note($0) }
    }
  }

  private static func exitReason(_ pid: pid_t) -> String {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? "exit code \(status >> 8 & 0xFF)" : "signal \(signal)"
  }
}

/// What a gateway in the background tells the command that started it.
enum StartReport: Hashable {
  /// Something that takes a while; others follow.
  case note(String)
  case ready(listening: [String])
  case failed(String)

  init?(_ text: String) {
    let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = lines.count == 2 ? String(lines[1]) : ""
    switch lines.first {
    case "ready": self = .ready(listening: rest.split(separator: "\n").map(String.init))
    case "error": self = .failed(rest)
    default: return nil
    }
  }

  var text: String {
    switch self {
    case .note(let text): "note " + text.split(whereSeparator: \.isNewline).joined(separator: " ") + "\n"
    case .ready(let listening): (["ready"] + listening).joined(separator: "\n")
    case .failed(let message): "error\n" + message
    }
  }

  /// Takes whole lines that are notes from the start of what was read.
  static func takeNotes(from text: inout [UInt8]) -> [String] {
    var notes: [String] = []
    let mark = Array("note ".utf8)
    while text.starts(with: mark), let end = text.firstIndex(of: UInt8(ascii: "\n")) {
      notes.append(String(decoding: text[mark.count..<end], as: UTF8.self))
      text.removeFirst(end + 1)
    }
    return notes
  }

  func write(to descriptor: Int32) { Descriptor.write(Array(self.text.utf8), to: descriptor) }

  /// Sends it and closes the pipe, which is the end of the report.
  func send(to descriptor: Int32) {
    self.write(to: descriptor)
    close(descriptor)
  }
}
