// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// Peers that speak gRPC by another implementation: grpcio of Debian's `python3-grpcio`, with `Tests/Peers`.
public final class GRPCServer: Sendable {
  public let port: Int
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// - Parameters:
  ///   - certificate: with TLS.
  ///   - port: 0 for a free one.
  public init(_ certificate: TestAuthority.Issued? = nil, port: Int = 0) throws {
    self.folder = try TemporaryFolder()
    var arguments = [Peers.file("grpc_server.py").path, "--port", "\(port)"]
    if let certificate {
      arguments += ["--certificate", certificate.certificateFile.path, "--key", certificate.keyFile.path]
    }
    let process = try ChildProcess(
      executable: Peers.python, arguments: arguments, environment: ["PATH": "/usr/bin:/bin"],
      folder: self.folder.url, name: "grpc-server")
    self.process = process
    try Deadline.wait(for: "the gRPC server to listen; it wrote\n\(process.errorOutput)") {
      process.output.hasPrefix("port ") && process.output.hasSuffix("\n")
    }
    guard let port = Int(process.output.dropFirst(5).dropLast()) else {
      throw HarnessError(.failed, "the gRPC server wrote \(process.output)\(process.errorOutput)")
    }
    self.port = port
  }

  deinit { self.process.kill() }

  public func stop() { self.process.kill() }
}

/// Programs that tests start as peers, in `Tests/Peers`.
public enum Peers {
  /// The system's, which has the packages that `make test-setup` installs.
  public static let python = URL(fileURLWithPath: "/usr/bin/python3")

  public static func file(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Peers/\(name)")
  }

  /// Runs one of them to its end.
  public static func run(
    _ name: String, _ arguments: [String], in folder: TemporaryFolder, seconds: Double = 120
  ) throws -> Shell.Result {
    let process = try ChildProcess(
      executable: Self.python, arguments: [Self.file(name).path] + arguments, environment: ["PATH": "/usr/bin:/bin"],
      folder: folder.url, name: "\(name)-\(UUID().uuidString.prefix(8))")
    return Shell.Result(
      code: try process.wait(seconds: seconds), output: process.output, errorOutput: process.errorOutput)
  }
}
