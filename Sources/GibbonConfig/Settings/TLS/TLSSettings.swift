// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// TLS on every side. Certificates and keys are PEM texts here, whatever way they were given in, and belong together.
public struct TLSSettings: Sendable, Hashable {
  /// What clients of the proxy are shown that ask for no name of an SNI; without any it is the default certificates
  /// of the prefix.
  public internal(set) var proxy: [CertificatePair] = []
  /// Of the Admin API; without any those of the prefix.
  public internal(set) var admin: [CertificatePair] = []
  /// Of the web manager, which is not there yet.
  public internal(set) var adminGUI: [CertificatePair] = []
  /// Of the Status API; without any those of the prefix.
  public internal(set) var status: [CertificatePair] = []
  /// Shown to services that ask for a certificate and have none of their own: the property `client_ssl`.
  public internal(set) var client: CertificatePair?
  /// What clients may use.
  public internal(set) var listening = ListeningTLSSettings()
  /// What is asked of clients.
  public internal(set) var clients = ClientCertificateSettings()
  /// What holds for services that say nothing of it.
  public internal(set) var services = ServiceTLSSettings()
  /// What calls of plugins may use.
  public internal(set) var pluginCalls = PluginCallTLSSettings()
}

/// A certificate with the chain that it is shown with, and its key.
public struct CertificatePair: Sendable, Hashable {
  /// PEM; the certificate itself first.
  public let certificate: String
  /// PEM.
  public let key: String
  /// How messages name it, such as `ssl_cert`.
  public let name: String

  public init(certificate: String, key: String, name: String) {
    self.certificate = certificate
    self.key = key
    self.name = name
  }
}

/// A version of TLS; later ones are greater.
public enum TLSProtocolVersion: String, Sendable, CaseIterable, Comparable {
  case tls10 = "TLSv1"
  case tls11 = "TLSv1.1"
  case tls12 = "TLSv1.2"
  case tls13 = "TLSv1.3"

  public static func < (left: TLSProtocolVersion, right: TLSProtocolVersion) -> Bool { left.rawValue < right.rawValue }
}

/// What clients of the proxy, and of the Admin and Status APIs, may use.
public struct ListeningTLSSettings: Sendable, Hashable {
  public internal(set) var suite = CipherSuiteName.intermediate
  /// OpenSSL's notation; given for `custom` only.
  public internal(set) var ciphers: String?
  /// Not empty.
  public internal(set) var versions: Set<TLSProtocolVersion> = [.tls12, .tls13]
  public internal(set) var prefersServerCiphers = false
  public internal(set) var dhParameters: DHParameters?
  public internal(set) var usesTickets = true
  public internal(set) var sessionTimeout: Duration = .seconds(86_400)
  public internal(set) var sessionCacheBytes = 10 << 20

  public enum DHParameters: Sendable, Hashable {
    /// Of RFC 7919.
    case group(String)
    /// PEM.
    case text(String)
  }
}

/// The sets of ciphers and versions that Mozilla recommends, and others.
public enum CipherSuiteName: String, Sendable, CaseIterable {
  case modern, intermediate, old, fips, custom

  /// The versions that it allows; nil: whatever is asked for.
  var versions: Set<TLSProtocolVersion>? {
    switch self {
    case .modern: [.tls13]
    case .intermediate: [.tls12, .tls13]
    case .old: [.tls10, .tls11, .tls12, .tls13]
    case .fips: [.tls12]
    case .custom: nil
    }
  }

  /// Whether the gateway's order of ciphers decides; nil: as is asked for.
  var prefersServerCiphers: Bool? {
    switch self {
    case .modern, .intermediate: false
    case .old, .fips: true
    case .custom: nil
    }
  }
}

/// Certificates of clients, as nginx's directives `ssl_verify_client` and others have it.
public struct ClientCertificateSettings: Sendable, Hashable {
  public enum Demand: String, Sendable, CaseIterable {
    case off
    /// Requests without a right one are answered with 400.
    case required = "on"
    /// One that is shown must be right.
    case optional
    /// Whatever is shown is taken, and plugins judge it.
    case unverified = "optional_no_ca"
  }

  public internal(set) var demand = Demand.off
  /// PEM texts: clients are told their names.
  public internal(set) var authorities: [String] = []
  /// PEM texts: they count too, and clients are not told of them.
  public internal(set) var silentAuthorities: [String] = []
  /// Certificates between the client's and the authority's, as nginx counts: 1 allows an authority that signed it.
  public internal(set) var depth = 1
}

/// TLS towards services, as nginx's directives `proxy_ssl_…` and the properties `lua_ssl_…` have it.
public struct ServiceTLSSettings: Sendable, Hashable {
  /// Whether a service's certificate is verified where `tls_verify` of the service says nothing.
  public internal(set) var verifies = false
  /// PEM texts of authorities.
  public internal(set) var authorities: [String] = []
  /// Whether the authorities of the system count too.
  public internal(set) var trustsSystem = true
  public internal(set) var depth = 1
  /// Not empty.
  public internal(set) var versions: Set<TLSProtocolVersion> = [.tls12, .tls13]
  /// OpenSSL's notation; nil: the library's own.
  public internal(set) var ciphers: String?
  public internal(set) var resumesSessions = true
  /// Whether the name is told to the service.
  public internal(set) var sendsServerName = true
}

/// TLS of calls that plugins make.
public struct PluginCallTLSSettings: Sendable, Hashable {
  public internal(set) var depth = 1
  public internal(set) var versions: Set<TLSProtocolVersion> = [.tls12, .tls13]
}
