// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonAdmin
internal import GibbonConfig
internal import GibbonTLS

/// What the addresses with `ssl` show to clients: what the configuration gives, or else what is in the prefix.
enum ListeningCertificates {
  /// The certificates of a side, made where they are not there yet; none where no address needs one.
  ///
  /// - Throws: `Failure` naming what cannot be used.
  static func pairs(
    _ configuration: Configuration, _ side: DefaultCertificates.Side, makesFiles: Bool = true
  ) throws -> [CertificatePair] {
    let (listeners, given) =
      switch side {
      case .proxy: (configuration.listen.proxy, configuration.tls.proxy)
      case .admin: (configuration.listen.admin, configuration.tls.admin)
      case .status: (configuration.listen.status, configuration.tls.status)
      }
    guard listeners.contains(where: \.isTLS) else { return [] }
    if !given.isEmpty { return given }
    return try DefaultCertificates(prefix: configuration.prefix).pairs(side, makesFiles: makesFiles)
  }

  /// What the proxy shows to clients whose name has no certificate; nil where no address needs one.
  static func proxyIdentity(_ configuration: Configuration, makesFiles: Bool) throws -> TLSIdentity? {
    let pairs = try Self.pairs(configuration, .proxy, makesFiles: makesFiles)
    if pairs.isEmpty { return nil }
    do {
      return try TLSIdentity(pairs.map { TLSKeyPair(certificate: $0.certificate, key: $0.key) }, checksChain: false)
    } catch {
      throw Failure("\(pairs.map(\.name).joined(separator: ", ")): \(error)")
    }
  }

  /// Makes the files of those that are not given, and are not there yet.
  static func prepare(_ configuration: Configuration) throws {
    for side in DefaultCertificates.Side.allCases { _ = try Self.pairs(configuration, side) }
  }
}

extension AdminTLS {
  /// Of the Admin or the Status API; nil where no address needs it.
  ///
  /// Of several certificates the last one is shown, which of those of the prefix is the one with an ECDSA key.
  init?(_ configuration: Configuration, _ side: DefaultCertificates.Side) throws {
    guard let pair = try ListeningCertificates.pairs(configuration, side).last else { return nil }
    let versions = configuration.tls.listening.versions
    do {
      try self.init(
        certificate: pair.certificate, key: pair.key, oldest: Version(versions.min() ?? .tls12),
        newest: Version(versions.max() ?? .tls13))
    } catch {
      throw Failure("\(pair.name): \(error)")
    }
  }
}

extension AdminTLS.Version {
  init(_ version: TLSProtocolVersion) {
    switch version {
    case .tls10: self = .tls10
    case .tls11: self = .tls11
    case .tls12: self = .tls12
    case .tls13: self = .tls13
    }
  }
}
