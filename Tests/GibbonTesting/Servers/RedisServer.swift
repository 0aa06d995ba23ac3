// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// A real Redis (Debian's `redis-server`) on a free port, with a password, without a disk.
public final class RedisServer: Sendable {
  public static let password = "opensesame"

  public let port: Int
  /// With TLS and a certificate that nobody vouches for; nil without.
  public let tlsPort: Int?
  /// That certificate, which is its own authority, for the name `localhost`.
  public let certificate: URL?
  private let reservations: [FreePort]
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// - Parameter encrypted: also listens with TLS.
  /// - Throws: `.failed`, saying what to do when there is no `redis-server`.
  public init(encrypted: Bool = false) throws {
    self.folder = try TemporaryFolder()
    self.reservations = [try FreePort(), try FreePort()]
    self.port = self.reservations[0].number
    self.tlsPort = encrypted ? self.reservations[1].number : nil
    var arguments = ["--port", "\(self.port)", "--bind", "127.0.0.1", "--save", "", "--requirepass", Self.password]
    let pair = encrypted ? try SelfSigned.make(name: "localhost", in: self.folder) : nil
    self.certificate = pair?.certificate
    if let pair {
      arguments += [
        "--tls-port", "\(self.reservations[1].number)", "--tls-cert-file", pair.certificate.path, "--tls-key-file",
        pair.key.path, "--tls-auth-clients", "no",
      ]
    }
    self.process = try ChildProcess(
      executable: try Self.locate(), arguments: arguments, environment: [:], folder: self.folder.url, name: "redis")
    try Deadline.wait(for: "redis to listen; it wrote\n\(self.process.output)") {
      guard let probe = try? Socket.connect(port: self.port, seconds: 1) else { return false }
      probe.close()
      return true
    }
  }

  deinit { self.process.kill() }

  public func stop() { self.process.kill() }

  private static func locate() throws -> URL {
    for path in ["/usr/bin/redis-server", "/usr/local/bin/redis-server"]
    where FileManager.default.isExecutableFile(atPath: path) { return URL(fileURLWithPath: path) }
    throw HarnessError(.failed, "there is no redis-server: run 'make test-setup'")
  }
}

/// Throw-away certificates, made by openssl.
public enum SelfSigned {
  /// A key and a certificate for a name, as files in the folder.
  public static func make(name: String, in folder: TemporaryFolder) throws -> (certificate: URL, key: URL) {
    let certificate = folder.file("\(name).crt")
    let key = folder.file("\(name).key")
    let process = try ChildProcess(
      executable: URL(fileURLWithPath: "/usr/bin/openssl"),
      arguments: [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout", key.path,
        "-out", certificate.path,
      ], environment: ["HOME": folder.url.path], folder: folder.url, name: "openssl")
    guard try process.wait() == 0 else { throw HarnessError(.failed, "openssl failed: \(process.errorOutput)") }
    return (certificate, key)
  }
}
