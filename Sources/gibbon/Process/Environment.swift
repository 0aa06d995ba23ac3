// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

// The C library declares `environ` as a plain global.
@preconcurrency internal import Glibc
internal import Synchronization

/// The variables this process was started with, and what it took over from a gateway that it starts again.
enum Environment {
  private static let variables = Mutex(Self.read())

  static var all: [String: String] { self.variables.withLock { $0 } }

  /// Those that configure a gateway.
  static var gatewayVariables: [String: String] { Self.configuring(self.all) }

  static func configuring(_ variables: [String: String]) -> [String: String] {
    variables.filter { $0.key.hasPrefix("GIBBON_") || $0.key.hasPrefix("KONG_") }
  }

  /// Adds variables that are not there, for this process and those it starts. To be called before there are threads.
  static func adopt(_ more: [String: String]) {
    self.variables.withLock { variables in
      for (name, value) in more where variables[name] == nil {
        variables[name] = value
        setenv(name, value, 0)
      }
    }
  }

  private static func read() -> [String: String] {
    var variables: [String: String] = [:]
    // Safety: `environ` is an array of C strings ended by nil; nothing changes it while this runs.
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }
}
