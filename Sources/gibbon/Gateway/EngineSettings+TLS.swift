// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonEngine
internal import GibbonIO
internal import GibbonTLS

/// TLS of the data plane, as the configuration has it.
extension EngineSettings {
  /// With clients; nil where no address of `proxy_listen` has the flag `ssl`.
  static func tls(_ configuration: Configuration, makesFiles: Bool) throws -> ServerTLS? {
    guard let identity = try ListeningCertificates.proxyIdentity(configuration, makesFiles: makesFiles) else {
      return nil
    }
    let listening = configuration.tls.listening
    var settings = TLSServerSettings()
    settings.protocols = TLSProtocols(listening.versions)
    settings.ciphers = listening.ciphers ?? TLSCipherSuite.named(listening.suite.rawValue)?.ciphers
    settings.prefersServerCiphers = listening.prefersServerCiphers
    switch listening.dhParameters {
    case .group(let name): settings.dhParameters = .group(name)
    case .text(let text): settings.dhParameters = .pem(text)
    case nil: break
    }
    settings.sessionTickets = listening.usesTickets
    settings.sessionTimeout = Int(listening.sessionTimeout.components.seconds)
    // nginx: a megabyte holds some 4,000 sessions.
    settings.sessionCache = max(1, listening.sessionCacheBytes / (1 << 20)) * 4000
    settings.applicationProtocols =
      configuration.listen.proxy.contains(where: \.isHTTP2) ? ["h2", "http/1.1"] : ["http/1.1"]
    settings.scope = "proxy"
    do {
      return try ServerTLS(
        settings, identity: identity, authority: Self.authority(configuration.tls.clients), tickets: TicketKeys.shared)
    } catch {
      throw Failure("ssl_ciphers, ssl_protocols, ssl_dhparam or nginx_proxy_ssl_client_certificate: \(error)")
    }
  }

  private static func authority(_ clients: ClientCertificateSettings) throws(TLSError) -> TLSClientAuthority? {
    let mode: TLSClientAuthority.Mode
    switch clients.demand {
    case .off: return nil
    case .required: mode = .required
    case .optional: mode = .optional
    case .unverified: mode = .optionalWithoutAuthority
    }
    let authorities = clients.authorities + clients.silentAuthorities
    let trust = try TLSTrust(certificates: authorities.map { Array($0.utf8) })
    return try TLSClientAuthority(trust, mode: mode, depth: clients.depth)
  }

  /// With services that say nothing else.
  static func serviceTLS(_ tls: TLSSettings) throws -> GibbonEngine.ServiceTLSSettings {
    var settings = GibbonEngine.ServiceTLSSettings()
    settings.client.protocols = TLSProtocols(tls.services.versions)
    settings.client.ciphers = tls.services.ciphers
    settings.client.verifies = tls.services.verifies
    settings.client.depth = tls.services.depth
    settings.authorities = tls.services.authorities
    settings.trustsSystem = tls.services.trustsSystem
    settings.client.sessionCache = tls.services.resumesSessions ? 256 : 0
    settings.sendsServerName = tls.services.sendsServerName
    var hasher = Hasher()
    hasher.combine(tls.services)
    hasher.combine(tls.client)
    settings.mark = hasher.finalize()
    if let pair = tls.client {
      do {
        settings.client.identity = try TLSIdentity(
          [TLSKeyPair(certificate: pair.certificate, key: pair.key)], checksChain: false)
      } catch {
        throw Failure("\(pair.name): \(error)")
      }
    }
    do {
      // What cannot be used is said now, and not with the first request.
      _ = try TLSClientContext(settings.client)
      _ = try TLSTrust(certificates: settings.authorities.map { Array($0.utf8) })
    } catch {
      throw Failure("lua_ssl_trusted_certificate or nginx_proxy_proxy_ssl_…: \(error)")
    }
    return settings
  }
}

extension TLSProtocols {
  fileprivate init(_ versions: Set<TLSProtocolVersion>) {
    self = []
    for version in versions {
      switch version {
      case .tls10: self.insert(.v1)
      case .tls11: self.insert(.v1_1)
      case .tls12: self.insert(.v1_2)
      case .tls13: self.insert(.v1_3)
      }
    }
  }
}

/// The keys of session tickets: those of the process, so that a reload lets clients resume.
enum TicketKeys {
  /// nil when there is no memory: sessions are then not resumed.
  static let shared = try? TLSTicketKeys(now: Self.now)

  static var now: UInt64 { Clock.monotonicMicroseconds / 1_000_000 }

  /// Makes a new key where it is time.
  static func advance() { Self.shared?.advance(to: Self.now) }
}
