// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO

/// The gateway as one process: everything wired together, and the signals that steer it.
enum Gateway {
  static func run(
    configuration: Configuration, prefix: String, patience: StartPatience,
    reload: @escaping @Sendable () throws -> Configuration,
    ready: @escaping @Sendable (_ listening: [String]) -> Void
  ) throws -> Int32 {
    Signal.block()
    let running = try RunningNode(configuration, prefix: prefix, patience: patience)
    ready(running.listening)
    ProcessLimits.tidyHeap()
    while true {
      switch Signal.next() {
      case .terminate:
        running.stop()
        return 0
      case .drain:
        running.drain()
        return 0
      case .reopenLogs: running.reopenLogs()
      case .reload:
        do {
          ReloadStatus.write(.applied(hash: try running.apply(try reload())), prefix: prefix)
          ProcessLimits.tidyHeap()
        } catch {
          running.report("reload refused, the previous configuration goes on serving: \(error)")
          ReloadStatus.write(.refused(reason: "\(error)"), prefix: prefix)
        }
      }
    }
  }
}
