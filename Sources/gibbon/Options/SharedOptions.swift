// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig

/// What every command takes.
struct Verbosity: ParsableArguments {
  @Flag(name: .customLong("v"), help: "Say what is done.")
  var isVerbose = false

  @Flag(name: .customLong("vv"), help: "Say everything.")
  var isDebugging = false

  func say(_ text: @autoclosure () -> String) {
    if self.isVerbose || self.isDebugging { Console.note("verbose: " + text()) }
  }

  func debug(_ text: @autoclosure () -> String) {
    if self.isDebugging { Console.note("debug: " + text()) }
  }

  /// The flags again, for a command that starts another.
  var arguments: [String] { self.isDebugging ? ["--vv"] : self.isVerbose ? ["--v"] : [] }
}

/// Which gateway on this machine.
struct PrefixOption: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The gateway's own folder; overrides the property 'prefix'.", valueName: "folder"))
  var prefix: String?

  var arguments: [ConfigurationSources.Argument] {
    self.prefix.map { [ConfigurationSources.Argument(property: "prefix", value: $0, flag: "--prefix")] } ?? []
  }

  /// The folder, even when the rest of the configuration is broken: a gateway must be stoppable.
  func find(conf: String? = nil) -> Prefix {
    let sources = ConfigurationSources(path: conf, environment: Environment.all, arguments: self.arguments)
    return Prefix(path: sources.prefix())
  }
}

/// Which configuration.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The configuration file. Without it the first of the usual places counts.", valueName: "file"))
  var conf: String?

  @OptionGroup var prefix: PrefixOption

  var sources: ConfigurationSources {
    ConfigurationSources(
      path: self.conf.map { PathText.absolute($0) }, environment: Environment.all, arguments: self.prefix.arguments)
  }

  /// Reads and checks the configuration and passes its warnings on.
  /// - Parameter warns: whether they are passed on.
  /// - Throws: `Failure` with all problems.
  func load(
    _ verbosity: Verbosity, warns: (Configuration) -> Bool = { _ in true }
  ) throws -> Configuration {
    let sources = self.sources
    verbosity.say(sources.file.map { "reading the configuration file \($0)" } ?? "no configuration file; defaults")
    do {
      let configuration = try sources.load()
      if warns(configuration) { Console.warn(configuration.warnings) }
      verbosity.say("prefix in use: \(configuration.prefix)")
      for (name, value, source) in configuration.listing { verbosity.debug("\(name) = \(value) (\(source))") }
      return configuration
    } catch {
      throw Failure(
        error.description, advice: "All properties are described in docs/configuration.md and gibbon.conf.default.")
    }
  }
}

/// What `start` takes, and whatever starts.
struct StartOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigurationOptions

  @Flag(name: .long, help: "Stay in the foreground until stopped, and log there what goes wrong.")
  var foreground = false

  @Flag(name: .long, help: "Bring the database up to date first. Without a database there is nothing to do.")
  var runMigrations = false

  @Option(name: .long, help: ArgumentHelp("Time for the database to answer.", valueName: "seconds"))
  var dbTimeout: Int = 60

  @Option(
    name: .long, help: ArgumentHelp("Time for another node to finish its migration.", valueName: "seconds"))
  var lockTimeout: Int = 60

  @Option(name: .long, help: ArgumentHelp("Accepted and ignored: there is no nginx.", valueName: "file"))
  var nginxConf: String?

  @Option(name: .long, help: ArgumentHelp("Accepted and ignored: there is no nginx.", valueName: "flags"))
  var nginxConfFlags: String?

  /// Where a gateway that was started in the background reports to.
  @Option(name: .long, help: .hidden)
  var readyDescriptor: Int32?

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    for (name, value) in [("--db-timeout", self.dbTimeout), ("--lock-timeout", self.lockTimeout)] where value < 0 {
      throw ValidationError("\(name) needs a number of seconds from 0")
    }
  }

  var patience: StartPatience {
    StartPatience(seconds: self.dbTimeout, lockSeconds: self.lockTimeout, runsMigrations: self.runMigrations)
  }

  func warnAboutNginx() {
    if self.nginxConf != nil { Console.warn(["--nginx-conf is ignored: Gibbon runs no nginx"]) }
    if self.nginxConfFlags != nil { Console.warn(["--nginx-conf-flags is ignored: Gibbon runs no nginx"]) }
  }
}
