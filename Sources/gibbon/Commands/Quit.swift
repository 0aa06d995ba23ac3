// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonIO

/// `gibbon quit`
struct Quit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop the gateway when the requests under way are answered.",
    discussion: """
      Sends SIGQUIT; whoever is still busy after the timeout, tunnels such as WebSockets included, is cut off by
      SIGTERM, and the error log says what that was. Readiness (/status/ready) says 'draining' from the start.

      Examples:
        gibbon quit
        gibbon quit --wait 5 --timeout 60     give load balancers 5 s to look elsewhere
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("Time for requests to finish, from 1.", valueName: "seconds"))
  var timeout = 10

  @Option(name: .shortAndLong, help: ArgumentHelp("Time before new connections are refused.", valueName: "seconds"))
  var wait = 0

  @OptionGroup var prefix: PrefixOption
  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    guard self.timeout >= 1 else { throw ValidationError("--timeout needs a number of seconds from 1") }
    guard self.wait >= 0 else { throw ValidationError("--wait needs a number of seconds from 0") }
  }

  func run() throws {
    let prefix = self.prefix.find()
    self.verbosity.say("prefix in use: \(prefix.path)")
    guard let gateway = try RunningGateway(prefix) else { throw Failure.notRunning(prefix) }
    if self.wait > 0 { self.verbosity.say("waiting \(self.wait) s before connections are refused") }
    // The gateway waits by itself, so that its readiness says from now on that it is about to end.
    try gateway.drain(DrainRequest(waitSeconds: self.wait, limitSeconds: self.timeout))
    if gateway.waitUntilGone(.seconds(self.wait + self.timeout)) {
      Console.say("Gibbon stopped (gracefully)")
    } else {
      try Stopping.stop(gateway)
      Console.say("Timeout, Gibbon stopped forcefully")
    }
  }
}
