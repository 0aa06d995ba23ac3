// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO

/// The gateway as one process: everything wired together, and the signals that steer it.
enum Gateway {
  static func run(
    configuration: Configuration, prefix: String, patience: StartPatience, reports: StartReports,
    reload: @escaping @Sendable ((Configuration) throws -> String) throws -> String,
    ready: @escaping @Sendable (_ listening: [String]) -> Void
  ) throws {
    Signal.block()
    let running = try RunningNode(configuration, prefix: prefix, patience: patience, reports: reports)
    ready(running.listening)
    ProcessLimits.tidyHeap()
    try Operation(running, prefix: prefix, reload: reload).run()
  }
}
