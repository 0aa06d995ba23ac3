// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

// The C library declares `environ` as a plain global.
@preconcurrency internal import Glibc

/// The variables this process was started with.
enum Environment {
  static let all: [String: String] = {
    var variables: [String: String] = [:]
    // Safety: `environ` is an array of C strings ended by nil; nothing in this process changes it.
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }()

  /// Those that configure a gateway.
  static var gatewayVariables: [String: String] {
    self.all.filter { $0.key.hasPrefix("GIBBON_") || $0.key.hasPrefix("KONG_") }
  }
}
