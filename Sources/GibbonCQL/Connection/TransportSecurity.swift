// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import NIOSSL

extension CQLTransportSecurity {
  /// nil without TLS.
  func context() throws(CQLError) -> NIOSSLContext? {
    var configuration = TLSConfiguration.makeClientConfiguration()
    // Cassandra answers no close_notify. Whoever closes has every answer, or wants none.
    configuration.shutdownTimeout = .milliseconds(50)
    do {
      switch self {
      case .off: return nil
      case .unverified: configuration.certificateVerification = .none
      case .verified(let authorities, let checksNames):
        configuration.certificateVerification = checksNames ? .fullVerification : .noHostnameVerification
        if !authorities.isEmpty {
          configuration.trustRoots = .certificates(try authorities.flatMap { try NIOSSLCertificate.fromPEMFile($0) })
        }
      }
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw .unavailable("TLS cannot be set up: \(error)")
    }
  }

  /// An address is no server name (RFC 6066 section 3); what is nil is checked by its address.
  static func serverName(_ host: String) -> String? {
    (try? SocketAddress(ipAddress: host, port: 0)) == nil && !host.isEmpty ? host : nil
  }
}
