// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import Glibc

/// What a running gateway was started with, as the kernel knows it: its environment and its arguments.
struct RunningSources {
  let processID: pid_t
  /// Its own configuration sources.
  let sources: ConfigurationSources

  /// nil where no gateway runs in this prefix, or where this user may not look at it.
  ///
  /// - Throws: `Failure` where that cannot be told.
  init?(_ prefix: Prefix) throws {
    guard let gateway = try RunningGateway(prefix),
      let environment = Self.strings("environ", of: gateway.pid),
      let arguments = Self.strings("cmdline", of: gateway.pid)
    else { return nil }
    self.processID = gateway.pid
    var variables: [String: String] = [:]
    for entry in environment {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    }
    self.sources = ConfigurationSources(
      path: Self.value(of: ["-c", "--conf"], in: arguments), environment: variables,
      arguments: [ConfigurationSources.Argument(property: "prefix", value: prefix.path, flag: "--prefix")])
  }

  /// A file of /proc that holds texts ended by zeros.
  private static func strings(_ name: String, of pid: pid_t) -> [String]? {
    guard let bytes = try? FileText.readBytes("/proc/\(pid)/\(name)", limit: FileText.largestBytes) else { return nil }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func value(of flags: [String], in arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      for flag in flags {
        if argument == flag, index + 1 < arguments.count { return arguments[index + 1] }
        if argument.hasPrefix(flag + "=") { return String(argument.dropFirst(flag.count + 1)) }
      }
    }
    return nil
  }
}
