// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig

/// What the command line asks of the gateway; `Gateway`, in the folder of that name, answers.
protocol GatewayContract {
  /// Serves traffic until it is told to stop.
  ///
  /// The caller has made the prefix and holds its process id file. Signals are the gateway's: TERM and INT stop at
  /// once, QUIT lets running requests finish, HUP applies `reload` and records the outcome with
  /// `ReloadStatus.write`, USR1 reopens the logs. Threads may be left that still wait for something when it returns.
  /// - Parameters:
  ///   - reports: hears what takes long at the start.
  ///   - reload: reads the configuration anew, hands it to its argument, and keeps what it read only when that was
  ///     applied; an error leaves the old one in force. Returns what its argument did, the hash that is served.
  ///   - ready: to be called once, with the addresses that are open, when requests are accepted.
  /// - Throws: when serving cannot begin; the error's description is shown to the user.
  static func run(
    configuration: Configuration, prefix: String, patience: StartPatience, reports: StartReports,
    reload: @escaping @Sendable ((Configuration) throws -> String) throws -> String,
    ready: @escaping @Sendable (_ listening: [String]) -> Void
  ) throws

  /// Reads a declarative file as `start` would, without serving.
  /// - Returns: what it holds, in one line such as `2 services, 3 routes`.
  /// - Throws: with everything that is wrong with the file.
  static func parseDeclarative(path: String, configuration: Configuration) throws -> String

  /// Tells how a request would be routed, and why.
  static func explain(_ request: ExplainedRequest, configuration: Configuration) throws -> ExplainReport
}

extension Gateway: GatewayContract {}
