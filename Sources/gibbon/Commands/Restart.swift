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
      The new configuration is checked before anything is stopped. The file and the variables that the gateway was
      started with count again; those of this command go before them. 'gibbon reload' applies changes without
      interrupting requests.

      Example:
        gibbon restart -c gibbon.conf
      """)

  @OptionGroup var options: StartOptions

  mutating func run() throws {
    let place = self.options.configuration.prefix.find(conf: self.options.configuration.conf)
    if let former = ReloadRequest.remembered(place) {
      Environment.adopt(former.environment)
      if self.options.configuration.conf == nil { self.options.configuration.conf = former.conf }
      if self.options.configuration.prefix.prefix == nil { self.options.configuration.prefix.prefix = place.path }
    }
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
