// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// A certificate authority of a test's, made by openssl; its files are in the test's folder.
public final class TestAuthority: Sendable {
  public struct Issued: Sendable {
    public let certificateFile: URL
    public let keyFile: URL
    public var certificate: String { contents(of: self.certificateFile) }
    public var key: String { contents(of: self.keyFile) }
  }

  private let folder: TemporaryFolder
  private let name: String

  public init(_ name: String = "authority", in folder: TemporaryFolder) throws {
    self.folder = folder
    self.name = name
    try self.openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=\(name)' "
        + "-keyout \(name).key -out \(name).crt")
  }

  public var file: URL { self.folder.file("\(self.name).crt") }
  /// PEM.
  public var certificate: String { contents(of: self.file) }

  /// - Parameters:
  ///   - host: a DNS name or an address.
  ///   - key: `ec` or `rsa`.
  ///   - days: from now; negative for one that has expired.
  public func issue(_ host: String, key: String = "ec", days: Int = 2, file: String? = nil) throws -> Issued {
    let file = file ?? "\(self.name)-\(host.replacingOccurrences(of: "*", with: "star"))-\(key)"
    let kind = key == "ec" ? "ec -pkeyopt ec_paramgen_curve:P-256" : "rsa:2048"
    let isAddress = host.allSatisfy { $0.isNumber || $0 == "." }
    try self.folder.write("subjectAltName=\(isAddress ? "IP" : "DNS"):\(host)\n", to: "\(file).ext")
    try self.openssl("req -newkey \(kind) -nodes -subj '/CN=\(host)' -keyout \(file).key -out \(file).csr")
    try self.openssl(
      "x509 -req -in \(file).csr -CA \(self.name).crt -CAkey \(self.name).key "
        + "-set_serial \(Int.random(in: 1...1 << 40)) -days \(days) -extfile \(file).ext -out \(file).crt")
    return Issued(certificateFile: self.folder.file("\(file).crt"), keyFile: self.folder.file("\(file).key"))
  }

  private func openssl(_ arguments: String) throws {
    let result = try Shell.run("openssl \(arguments)", in: self.folder.url)
    guard result.code == 0 else { throw HarnessError(.failed, "openssl \(arguments): \(result.errorOutput)") }
  }
}
