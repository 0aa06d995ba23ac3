// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig

/// `gibbon start`
struct Start: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start the gateway and return when it serves.",
    discussion: """
      The configuration is checked first; nothing starts with a mistake in it.

      Examples:
        GIBBON_DECLARATIVE_CONFIG=kong.yml gibbon start
        gibbon start -c gibbon.conf -p /var/lib/gibbon
        gibbon start --foreground          in containers and under service managers
      """)

  @OptionGroup var options: StartOptions

  func run() throws {
    try Starting(options: self.options).run()
  }
}

/// What `start` and `restart` do.
struct Starting {
  let options: StartOptions

  func run() throws {
    let configuration: Configuration
    do {
      configuration = try self.load()
    } catch let failure as Failure {
      // What failed in the background is told in the foreground.
      if let descriptor = self.options.readyDescriptor {
        StartReport.failed(failure.description).send(to: descriptor)
      }
      throw failure
    }
    guard self.options.foreground || configuration.staysInForeground else {
      return try self.startInBackground(configuration)
    }
    try ForegroundRun(configuration: configuration, options: self.options).run()
  }

  private func load() throws -> Configuration {
    if self.options.readyDescriptor == nil { self.options.warnAboutNginx() }
    // The gateway itself writes warnings to its log: that must not be this terminal's second copy.
    let configuration = try self.options.configuration.load(self.options.verbosity) { configuration in
      let isInForeground = self.options.foreground || configuration.staysInForeground
      return self.options.readyDescriptor == nil && !(isInForeground && StartReports.isTerminal(configuration))
    }
    try Self.refuseMissingParts(configuration)
    if self.options.readyDescriptor == nil, self.options.runMigrations, configuration.database == .off {
      Console.warn(["--run-migrations: there is no database, so there is nothing to migrate"])
    }
    return configuration
  }

  /// A gateway without the data it was told to use would answer 404 to everything; better not to start.
  static func refuseMissingParts(_ configuration: Configuration) throws {
    if configuration.role != .traditional {
      throw Failure(
        "\(configuration.source("role")): role = \(configuration.role.rawValue) is not available in Gibbon "
          + Release.version, advice: "Use role = traditional.")
    }
  }

  private func startInBackground(_ configuration: Configuration) throws {
    let prefix = Prefix(path: configuration.prefix)
    try prefix.prepare()
    if try RunningGateway(prefix) != nil { throw Failure.alreadyRunning(prefix) }
    let (report, pid) = try BackgroundStart(configuration: configuration, options: self.options).run()
    var lines = ["Gibbon started (pid \(pid), prefix \(prefix.path))"]
    if case .ready(let listening) = report { lines += listening.map { "  listening on \($0)" } }
    Console.say(lines.joined(separator: "\n"))
  }
}
