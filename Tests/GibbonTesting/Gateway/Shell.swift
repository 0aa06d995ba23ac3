// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// Runs other programs to their end: curl, openssl.
public enum Shell {
  public struct Result: Sendable {
    public let code: ChildProcess.ExitCode
    public let output: String
    public let errorOutput: String

    public var all: String { self.output + self.errorOutput }
  }

  /// - Parameter script: for bash, run in the folder.
  public static func run(_ script: String, in folder: URL, seconds: Double = 60) throws -> Result {
    let process = try ChildProcess(
      executable: URL(fileURLWithPath: "/bin/bash"), arguments: ["-c", "cd '\(folder.path)' && \(script)"],
      environment: cleanEnvironment(adding: ["HOME": folder.path]), folder: folder,
      name: "shell-\(UUID().uuidString.prefix(8))")
    return Result(
      code: try process.wait(seconds: seconds), output: process.output, errorOutput: process.errorOutput)
  }
}
