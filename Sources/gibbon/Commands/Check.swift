// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig

/// `gibbon check`
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a configuration file, the environment included.",
    discussion: """
      Tells all mistakes at once, with the place of each.

      Examples:
        gibbon check                      the file 'gibbon start' would take
        gibbon check gibbon.conf --vv     and list every value with its origin
      """)

  @Argument(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var conf: String?

  @OptionGroup var verbosity: Verbosity

  func run() throws {
    let sources = ConfigurationSources(
      path: self.conf.map { PathText.absolute($0) }, environment: Environment.all)
    let configuration: Configuration
    do {
      configuration = try sources.load()
    } catch {
      throw Failure(error.description)
    }
    try configuration.refuseUnknownPlugins()
    Console.warn(configuration.warnings)
    try Self.refuseWhatStartRefuses(configuration)
    for (name, value, source) in configuration.listing { self.verbosity.debug("\(name) = \(value) (\(source))") }
    let name = self.conf ?? sources.file
    Console.say(name.map { "configuration at \($0) is valid" } ?? "no configuration file; the environment is valid")
  }

  /// What is approved here must not be refused there, ports that are taken excepted.
  private static func refuseWhatStartRefuses(_ configuration: Configuration) throws {
    do {
      try Starting.refuseMissingParts(configuration)
      try Gateway.checkedSettings(configuration)
    } catch {
      throw Failure("\(error)")
    }
  }
}

/// `gibbon prepare`
struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the prefix with its folders and certificates, without starting.",
    discussion: """
      'gibbon start' does this too; it is a step of its own where another user starts the gateway.

      Example:
        gibbon prepare -p /var/lib/gibbon
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(name: .long, help: ArgumentHelp("Accepted and ignored: there is no nginx.", valueName: "file"))
  var nginxConf: String?

  @OptionGroup var verbosity: Verbosity

  func run() throws {
    if self.nginxConf != nil { Console.warn(["--nginx-conf is ignored: Gibbon runs no nginx"]) }
    let configuration = try self.options.load(self.verbosity)
    try Prefix(path: configuration.prefix).prepare()
    try ListeningCertificates.prepare(configuration)
    Console.say("prepared \(configuration.prefix)")
  }
}

/// `gibbon version`
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the version.",
    discussion: """
      Example:
        gibbon version --all
      """)

  @Flag(name: .shortAndLong, help: "Also what it was built with and which Kong it follows.")
  var all = false

  @OptionGroup var verbosity: Verbosity

  func run() throws {
    guard self.all else { return Console.say(Release.version) }
    Console.say(
      """
      Gibbon: \(Release.version)
      Kong compatibility: \(Release.kongVersion)
      Swift: \(Release.swiftVersion)
      """)
  }
}
