// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import Glibc
internal import Synchronization

/// Runs the gateway in this process.
struct ForegroundRun {
  let configuration: Configuration
  let options: StartOptions

  /// Serves, and ends this process.
  ///
  /// - Throws: `Failure` when serving cannot begin.
  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    do {
      try self.serve()
    } catch let failure {
      let failure = failure as? Failure ?? Failure("\(failure)")
      if let descriptor = self.options.readyDescriptor {
        StartReport.failed(failure.description).send(to: descriptor)
      }
      throw failure
    }
  }

  private func serve() throws {
    let prefix = Prefix(path: self.configuration.prefix)
    try prefix.prepare()
    guard let file = try ProcessIDFile.acquire(prefix) else { throw Failure.alreadyRunning(prefix) }
    let lock = HeldFile(file)
    defer { lock.release() }
    let sources = ReloadableSources(self.options.configuration.sources, prefix: prefix)
    let descriptor = self.options.readyDescriptor
    try Gateway.run(
      configuration: self.configuration, prefix: prefix.path, patience: self.options.patience,
      reports: StartReports(self.configuration, descriptor: descriptor), reload: { try sources.load($0) },
      ready: { listening in
        lock.markReady()
        guard let descriptor else {
          return Console.note("Gibbon is ready (pid \(getpid()))" + listening.map { "\n  listening on \($0)" }.joined())
        }
        StartReport.ready(listening: listening).send(to: descriptor)
      })
    // At once: what may still run must not hold up the end, nor see this process taken down around it.
    lock.release()
    _exit(0)
  }
}

/// Lets the closure that reports readiness share the locked file with the function that removes it.
private final class HeldFile: Sendable {
  private let file: Mutex<ProcessIDFile?>

  init(_ file: consuming ProcessIDFile) {
    self.file = Mutex(file)
  }

  func markReady() {
    self.file.withLock { $0?.markReady() }
  }

  func release() {
    self.file.withLock { file in file.take()?.remove() }
  }
}

/// The sources of a running gateway's configuration. A reload may bring a file and variables of its own.
final class ReloadableSources: Sendable {
  private let sources: Mutex<ConfigurationSources>
  private let prefix: Prefix

  init(_ sources: ConfigurationSources, prefix: Prefix) {
    var fixed = sources
    // A running gateway stays where it is, whatever the file says now.
    fixed.arguments = [
      ConfigurationSources.Argument(property: "prefix", value: prefix.path, flag: "--prefix")
    ]
    self.sources = Mutex(fixed)
    self.prefix = prefix
  }

  /// - Parameter apply: what is done with the configuration; returns the hash of what is served then.
  /// - Throws: `ConfigurationError`, or what `apply` throws; the next reload then starts from the last good sources.
  func load(_ apply: (Configuration) throws -> String) throws -> String {
    try self.sources.withLock { sources in
      var next = sources
      if let request = ReloadRequest.take(self.prefix) {
        next.path = request.conf ?? next.path
        next.environment.merge(request.environment) { _, new in new }
      }
      let hash = try apply(try next.load())
      sources = next
      return hash
    }
  }
}

extension Failure {
  static func alreadyRunning(_ prefix: Prefix) -> Failure {
    var pid = ""
    if let gateway = try? RunningGateway(prefix) { pid = " (pid \(gateway.pid))" }
    return Failure(
      "Gibbon is already running in \(prefix.path)\(pid)",
      advice: "Apply changes with 'gibbon reload', or start a second one with another prefix: -p FOLDER.")
  }

  static func notRunning(_ prefix: Prefix) -> Failure {
    Failure(
      "Gibbon is not running in \(prefix.path)", advice: "Start it with 'gibbon start', or name its prefix: -p FOLDER.")
  }
}
