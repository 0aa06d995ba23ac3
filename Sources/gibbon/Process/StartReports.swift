// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonIO
internal import Glibc

/// Where a gateway that starts says what takes long: to the terminal of whoever waits for it. Its error log has the
/// same, so that nothing is said here where that is the terminal.
struct StartReports: Sendable {
  let note: @Sendable (String) -> Void

  /// - Parameter descriptor: of the command that started it in the background.
  init(_ configuration: Configuration, descriptor: Int32?) {
    if let descriptor {
      self.note = { StartReport.note($0).write(to: descriptor) }
    } else if Self.isTerminal(configuration) {
      self.note = { _ in }
    } else {
      self.note = { Console.note($0) }
    }
  }

  /// Whether what is written to the error log is seen where standard error is seen.
  static func isTerminal(_ configuration: Configuration) -> Bool {
    let path = configuration.logs.proxyError.path
    guard !["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"].contains(path) else { return true }
    guard let error = FileIdentity(descriptor: STDERR_FILENO) else { return false }
    if path == "/dev/stdout" { return FileIdentity(descriptor: STDOUT_FILENO) == error }
    return FileIdentity(path: path) == error
  }
}
