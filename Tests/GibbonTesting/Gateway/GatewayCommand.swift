// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// Runs a `gibbon` command to its end.
public struct GatewayCommand: Sendable {
  public let exitCode: ChildProcess.ExitCode
  public let output: String
  public let errorOutput: String

  /// Both outputs, for messages of which only the text matters.
  public var allOutput: String { self.output + self.errorOutput }

  /// - Parameters:
  ///   - arguments: after `gibbon`.
  ///   - environment: added to a clean one.
  ///   - folder: the working directory, where the outputs are kept too.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], folder: URL, seconds: Double = 30
  ) throws -> GatewayCommand {
    let name = "command-\(UUID().uuidString.prefix(8))"
    let process = try ChildProcess(
      executable: try GatewayBinary.locate(), arguments: arguments,
      environment: cleanEnvironment(adding: environment), folder: folder, name: name)
    let code = try process.wait(seconds: seconds)
    return GatewayCommand(exitCode: code, output: process.output, errorOutput: process.errorOutput)
  }
}

/// The environment of this process without anything that would configure a gateway.
func cleanEnvironment(adding more: [String: String]) -> [String: String] {
  let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
    !name.hasPrefix("GIBBON_") && !name.hasPrefix("KONG_")
  }
  return inherited.merging(more) { _, new in new }
}
