// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import Glibc

/// `gibbon stop`
struct Stop: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop the gateway at once; requests under way are cut off.",
    discussion: """
      Sends SIGTERM and returns when the process is gone. 'gibbon quit' lets requests finish.

      Example:
        gibbon stop -p /var/lib/gibbon
      """)

  @OptionGroup var prefix: PrefixOption
  @OptionGroup var verbosity: Verbosity

  func run() throws {
    let prefix = self.prefix.find()
    self.verbosity.say("prefix in use: \(prefix.path)")
    guard let gateway = try RunningGateway(prefix) else { throw Failure.notRunning(prefix) }
    try Stopping.stop(gateway)
    Console.say("Gibbon stopped")
  }
}

enum Stopping {
  /// A gateway has nothing to wait for when it stops at once.
  static let patience: Duration = .seconds(10)

  /// Sends SIGTERM and waits.
  /// - Throws: `Failure` when the gateway stays.
  static func stop(_ gateway: borrowing RunningGateway) throws {
    try gateway.send(SIGTERM)
    guard gateway.waitUntilGone(Self.patience) else {
      throw Failure(
        "the gateway (pid \(gateway.pid)) is still there \(Self.patience.components.seconds) s after SIGTERM",
        advice: "Its error log may say why. 'kill -9 \(gateway.pid)' ends it in any case.")
    }
  }
}
