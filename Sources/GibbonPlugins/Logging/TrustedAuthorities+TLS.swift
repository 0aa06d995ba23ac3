// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import NIOSSL

/// TLS towards servers that plugins talk to.
extension TrustedAuthorities {
  /// - Parameter verifies: whether a server must show a certificate for its name that one of the authorities vouches for.
  /// - Throws: `SendFailure` for an authority that cannot be read.
  func context(verifies: Bool) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    let others = try self.sources.map { try Self.certificates($0) }.flatMap { $0 }
    if self.includesSystem {
      configuration.additionalTrustRoots = others.isEmpty ? [] : [.certificates(others)]
    } else {
      configuration.trustRoots = .certificates(others)
    }
    if !verifies { configuration.certificateVerification = .none }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw SendFailure("TLS cannot be used", error)
    }
  }

  private static func certificates(_ source: String) throws -> [NIOSSLCertificate] {
    do {
      if source.utf8.starts(with: "/".utf8) { return try NIOSSLCertificate.fromPEMFile(source) }
      let isText = source.utf8.starts(with: "-----BEGIN".utf8)
      return try NIOSSLCertificate.fromPEMBytes(isText ? Array(source.utf8) : Base64.standard.decoded(source) ?? [])
    } catch {
      let shown = source.utf8.starts(with: "/".utf8) ? source : "a value"
      throw SendFailure("lua_ssl_trusted_certificate: \(shown) has no certificates that can be read")
    }
  }
}
