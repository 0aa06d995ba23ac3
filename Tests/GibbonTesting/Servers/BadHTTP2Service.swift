// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation

/// A service of HTTP/2 that misbehaves as the path of each request says: `Tests/Peers/http2_bad_service.py`.
public final class BadHTTP2Service: Sendable {
  public let port: Int
  private let folder: TemporaryFolder
  private let process: ChildProcess

  public init() throws {
    self.folder = try TemporaryFolder()
    let process = try ChildProcess(
      executable: Peers.python, arguments: [Peers.file("http2_bad_service.py").path],
      environment: ["PATH": "/usr/bin:/bin"], folder: self.folder.url, name: "http2-bad-service")
    self.process = process
    try Deadline.wait(for: "the service to listen; it wrote\n\(process.errorOutput)") {
      process.output.hasPrefix("port ") && process.output.hasSuffix("\n")
    }
    guard let port = Int(process.output.dropFirst(5).dropLast()) else {
      throw HarnessError(.failed, "the service wrote \(process.output)\(process.errorOutput)")
    }
    self.port = port
  }

  deinit { self.process.kill() }
}
