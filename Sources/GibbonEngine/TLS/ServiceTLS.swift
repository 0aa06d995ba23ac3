// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonTLS

/// TLS towards services, where a service says nothing else.
public struct ServiceTLSSettings: Sendable {
  /// Versions, ciphers, and what is shown to services that ask; not whom to trust.
  public var client = TLSClientSettings()
  /// PEM texts of authorities.
  public var authorities: [String] = []
  /// Those of the system count too.
  public var trustsSystem = true
  /// `nginx_proxy_proxy_ssl_server_name`: whether the name is told to the service.
  public var sendsServerName = true
  /// The same for settings that mean the same: a reload that changes nothing of them keeps connections and sessions.
  public var mark = 0

  public init() {}
}

/// The contexts that one loop speaks TLS to services with. Services that say the same share one, and so do their
/// sessions and pools. Confined to its loop.
final class ServiceContexts {
  /// Why a service cannot be spoken to.
  struct Failure: Error {
    let reason: String
  }

  /// All that makes a difference.
  private struct Key: Hashable {
    let verifies: Bool
    let depth: Int
    let authorities: Authorities?
    let identity: ObjectIdentifier?
    let protocols: [String]
  }

  private struct Authorities: Hashable {
    let texts: [String]
    let system: Bool
  }

  private struct Speaker: Hashable {
    let service: ObjectIdentifier
    let upstream: EntityID?
  }

  private struct Known {
    /// Held, so that its identifier names no other.
    let service: ServiceRuntime
    let context: TLSClientContext
  }

  private(set) var settings: ServiceTLSSettings
  private var contexts: [Key: TLSClientContext] = [:]
  private var trusted: [Authorities: TLSTrust] = [:]
  /// Held for the same reason.
  private var identities: [ObjectIdentifier: TLSIdentity] = [:]
  private var known: [Speaker: Known] = [:]

  /// Contexts kept when the configuration changes; those that are needed are made again.
  private static let limit = 1024

  init(settings: ServiceTLSSettings) { self.settings = settings }

  func use(_ settings: ServiceTLSSettings) {
    guard settings.mark != self.settings.mark else { return }
    self.settings = settings
    self.forget()
  }

  /// Another snapshot is served: what services say is looked at again.
  func snapshotChanged() {
    self.known.removeAll()
    if self.contexts.count > Self.limit { self.forget() }
  }

  private func forget() {
    self.known.removeAll()
    self.contexts.removeAll()
    self.trusted.removeAll()
    self.identities.removeAll()
  }

  /// - Parameters:
  ///   - upstream: over which the request is balanced, if it is.
  ///   - snapshot: the one that is served now, also for a request that began with another: what is made is kept for
  ///     those that follow.
  func context(
    for service: ServiceRuntime, _ upstream: Upstream?, in snapshot: Snapshot, _ errorLog: ErrorLog
  ) throws(Failure) -> TLSClientContext {
    let id = Speaker(service: ObjectIdentifier(service), upstream: upstream?.id)
    if let known = self.known[id] { return known.context }
    var settings = self.settings.client
    if service.speaksHTTP2 { settings.applicationProtocols = ["h2"] }
    if let verifies = service.entity.tlsVerify { settings.verifies = verifies }
    if let depth = service.entity.tlsVerifyDepth { settings.depth = depth }
    var authorities = Authorities(texts: self.settings.authorities, system: self.settings.trustsSystem)
    if !service.entity.caCertificates.isEmpty {
      authorities = Authorities(texts: try Self.authorities(service, snapshot), system: false)
    }
    if let certificate = service.entity.clientCertificate ?? upstream?.clientCertificate {
      settings.identity = try Self.identity(certificate, snapshot, errorLog)
    }
    let context = try self.context(settings, settings.verifies ? authorities : nil)
    self.known[id] = Known(service: service, context: context)
    return context
  }

  /// How the targets of an upstream are probed.
  func context(
    forProbing upstream: Upstream, in snapshot: Snapshot, _ errorLog: ErrorLog
  ) throws(Failure) -> TLSClientContext {
    var settings = self.settings.client
    settings.verifies = upstream.healthchecks.active.verifiesCertificate
    if let certificate = upstream.clientCertificate {
      settings.identity = try Self.identity(certificate, snapshot, errorLog)
    }
    let authorities = Authorities(texts: self.settings.authorities, system: self.settings.trustsSystem)
    return try self.context(settings, settings.verifies ? authorities : nil)
  }

  private func context(
    _ settings: TLSClientSettings, _ authorities: Authorities?
  ) throws(Failure) -> TLSClientContext {
    let identity = settings.identity.map { ObjectIdentifier($0) }
    let key = Key(
      verifies: settings.verifies, depth: settings.depth, authorities: authorities, identity: identity,
      protocols: settings.applicationProtocols)
    if let made = self.contexts[key] { return made }
    do throws(TLSError) {
      var settings = settings
      settings.trust = try authorities.map { (wanted) throws(TLSError) in try self.trust(wanted) }
      let context = try TLSClientContext(settings)
      self.contexts[key] = context
      if let identity { self.identities[identity] = settings.identity }
      return context
    } catch {
      throw Failure(reason: "\(error)")
    }
  }

  private func trust(_ wanted: Authorities) throws(TLSError) -> TLSTrust {
    if let known = self.trusted[wanted] { return known }
    let trust = try TLSTrust(certificates: wanted.texts.map { Array($0.utf8) }, system: wanted.system)
    self.trusted[wanted] = trust
    return trust
  }

  private static func authorities(_ service: ServiceRuntime, _ snapshot: Snapshot) throws(Failure) -> [String] {
    var authorities: [String] = []
    for id in service.entity.caCertificates {
      guard let authority = snapshot.certificates.authority(id) else {
        throw Failure(reason: "ca_certificates: there is no CA certificate \(id)")
      }
      authorities.append(authority)
    }
    return authorities
  }

  private static func identity(
    _ id: EntityID, _ snapshot: Snapshot, _ errorLog: ErrorLog
  ) throws(Failure) -> TLSIdentity {
    guard let entry = snapshot.certificates[id] else {
      throw Failure(reason: "client_certificate: there is no certificate \(id)")
    }
    guard let identity = entry.identity(report: { errorLog.write(.error, $0) }) else {
      throw Failure(reason: "client_certificate: certificate \(id) cannot be used")
    }
    return identity
  }
}
