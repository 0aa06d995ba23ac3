// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig
internal import Glibc

/// `gibbon restart`
struct Restart: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop the gateway, if it runs, and start it again.",
    discussion: """
      The new configuration is checked before anything is stopped. 'gibbon reload' applies changes without
      interrupting requests.

      Example:
        gibbon restart -c gibbon.conf
      """)

  @OptionGroup var options: StartOptions

  func run() throws {
    let sources = self.options.configuration.sources
    do {
      try Starting.refuseMissingParts(try sources.load())
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("\(error)", advice: "Nothing was stopped.")
    }
    let prefix = Prefix(path: sources.prefix())
    if let gateway = try RunningGateway(prefix) {
      try Stopping.stop(gateway)
      Console.say("Gibbon stopped")
    }
    try Starting(options: self.options).run()
  }
}
