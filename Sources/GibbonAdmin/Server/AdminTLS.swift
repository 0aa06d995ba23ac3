// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import NIOSSL

/// TLS of a server: what it shows to clients, and what they may use.
///
/// The Admin and Status APIs are on NIO's channels, for which NIO has TLS; traffic has a library of its own.
public struct AdminTLS: Sendable {
  private let context: NIOSSLContext

  public enum Version: Sendable {
    case tls10, tls11, tls12, tls13

    var version: TLSVersion {
      switch self {
      case .tls10: .tlsv1
      case .tls11: .tlsv11
      case .tls12: .tlsv12
      case .tls13: .tlsv13
      }
    }
  }

  /// Why it cannot be set up.
  public struct Fault: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// - Parameters:
  ///   - certificate: PEM, with its chain.
  ///   - key: PEM.
  /// - Throws: `Fault` where they cannot be used.
  public init(certificate: String, key: String, oldest: Version, newest: Version) throws(Fault) {
    do {
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
      configuration.minimumTLSVersion = oldest.version
      configuration.maximumTLSVersion = newest.version
      configuration.applicationProtocols = ["http/1.1"]
      self.context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw Fault(description: "TLS cannot be set up: \(error)")
    }
  }

  /// What goes between the socket and the connection.
  func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: self.context) }
}
