// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser

/// `gibbon health`
struct Health: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell by the exit code whether the gateway runs and serves.",
    discussion: """
      Example:
        gibbon health && echo fine
      """)

  @OptionGroup var prefix: PrefixOption
  @OptionGroup var verbosity: Verbosity

  func run() throws {
    let prefix = self.prefix.find()
    guard let gateway = try RunningGateway(prefix) else { throw Failure.notRunning(prefix) }
    self.verbosity.say("pid \(gateway.pid)")
    guard gateway.isReady else {
      throw Failure("Gibbon is still starting in \(prefix.path)", advice: "Try again in a moment.")
    }
    guard !gateway.isFrozen else {
      throw Failure(
        "Gibbon (pid \(gateway.pid)) is stopped by a signal or a debugger and serves nothing",
        advice: "'kill -CONT \(gateway.pid)' lets it go on.")
    }
    Console.say("Gibbon is healthy at \(prefix.path)")
  }
}
