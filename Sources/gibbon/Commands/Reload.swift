// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig
internal import Glibc

/// `gibbon reload`
struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let the running gateway apply its changed configuration without interrupting requests.",
    discussion: """
      The gateway reads its file again, and what -c and the environment of this command add to it. A configuration
      with mistakes is refused, and the old one goes on serving.

      Examples:
        gibbon reload
        gibbon reload -c new.conf
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(name: .long, help: ArgumentHelp("Accepted and ignored: there is no nginx.", valueName: "file"))
  var nginxConf: String?

  @Option(name: .long, help: ArgumentHelp("Accepted and ignored: there is no nginx.", valueName: "flags"))
  var nginxConfFlags: String?

  @OptionGroup var verbosity: Verbosity

  static let patience: Duration = .seconds(30)

  func run() throws {
    if self.nginxConf != nil { Console.warn(["--nginx-conf is ignored: Gibbon runs no nginx"]) }
    if self.nginxConfFlags != nil { Console.warn(["--nginx-conf-flags is ignored: Gibbon runs no nginx"]) }
    let conf = self.options.conf.map { PathText.absolute($0) }
    if let conf, !FileText.exists(conf) { throw Failure("there is no file \(conf)") }
    let prefix = self.options.prefix.find(conf: conf)
    self.verbosity.say("prefix in use: \(prefix.path)")
    guard let gateway = try RunningGateway(prefix) else { throw Failure.notRunning(prefix) }
    try Self.awaitStart(gateway, prefix)
    let before = ReloadStatus.read(prefix)?.sequence
    try ReloadRequest(conf: conf, environment: Environment.gatewayVariables).put(prefix)
    try gateway.send(SIGHUP)
    try self.report(gateway, prefix, before: before)
  }

  /// One that still starts is waited for: it reads the configuration before it listens, and would miss the change.
  private static func awaitStart(_ gateway: borrowing RunningGateway, _ prefix: Prefix) throws {
    _ = Patience.wait(Self.patience) { gateway.isReady || !gateway.isAlive }
    guard gateway.isAlive else { throw Failure.notRunning(prefix) }
    guard gateway.isReady else {
      throw Failure(
        "Gibbon has been starting in \(prefix.path) for \(Self.patience.components.seconds) s",
        advice: "Its error log says what it waits for.")
    }
  }

  private func report(_ gateway: borrowing RunningGateway, _ prefix: Prefix, before: Int?) throws {
    var status: ReloadStatus?
    _ = Patience.wait(Self.patience) {
      status = ReloadStatus.read(prefix)
      return status?.sequence != before || !gateway.isAlive
    }
    guard let status, status.sequence != before else {
      throw gateway.isAlive
        ? Failure(
          "the gateway has not answered for \(Self.patience.components.seconds) s; it may still apply the changes",
          advice: "Its error log says when it has.")
        : Failure("the gateway ended during the reload", advice: "Its error log may say why.")
    }
    switch status.outcome {
    case .applied(let hash):
      Console.say("Gibbon reloaded")
      self.verbosity.say("configuration hash \(hash)")
    case .refused(let reason):
      throw Failure(
        "the new configuration was refused, the old one goes on serving:\n\(reason)",
        advice: "Correct it and run 'gibbon reload' again.")
    }
  }
}
