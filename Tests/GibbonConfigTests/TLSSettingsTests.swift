// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

@testable import GibbonConfig

@Suite struct TLSSettingsTests {
  private static let first = TestCertificates.first
  private static let second = TestCertificates.second
  private static let files = [
    "/t/a.crt": first.certificate, "/t/a.key": first.key, "/t/b.crt": second.certificate, "/t/b.key": second.key,
    "/t/empty": "",
  ]

  /// A text in base64, in lines as `base64` writes them.
  private static func base64(_ text: String) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        output.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
      if start % 57 == 54 { output.append(UInt8(ascii: "\n")) }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func settings(_ environment: [String: String]) throws -> TLSSettings {
    try load(environment: environment, others: Self.files).tls
  }

  // MARK: How certificates are given

  @Test(arguments: 0..<5)
  func aPairIsTakenInWhateverFormItIsGiven(form: Int) throws {
    func given(_ text: String, _ path: String) -> String {
      switch form {
      case 0: path
      case 1: text
      case 2: Self.base64(text)
      case 3: String(text.map { $0 == "\n" ? " " : $0 })
      default: text.split(separator: "\n").joined(separator: "\\n")
      }
    }
    let tls = try Self.settings([
      "GIBBON_SSL_CERT": given(Self.first.certificate, "/t/a.crt"),
      "GIBBON_SSL_CERT_KEY": given(Self.first.key, "/t/a.key"),
    ])
    let pair = try #require(tls.proxy.first)
    #expect(tls.proxy.count == 1 && pair.name == "ssl_cert")
    func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }
    #expect(lines(pair.certificate) == lines(Self.first.certificate))
    #expect(lines(pair.key) == lines(Self.first.key))
  }

  @Test func listsAreTakenInOrderAndSidesAreKeptApart() throws {
    let tls = try Self.settings([
      "GIBBON_SSL_CERT": "/t/a.crt, /t/b.crt", "GIBBON_SSL_CERT_KEY": "/t/a.key,/t/b.key",
      "GIBBON_ADMIN_SSL_CERT": "/t/b.crt", "GIBBON_ADMIN_SSL_CERT_KEY": "/t/b.key",
      "GIBBON_STATUS_SSL_CERT": "/t/a.crt", "GIBBON_STATUS_SSL_CERT_KEY": "/t/a.key",
      "GIBBON_CLIENT_SSL_CERT": "/t/b.crt", "GIBBON_CLIENT_SSL_CERT_KEY": "/t/b.key", "GIBBON_CLIENT_SSL": "on",
    ])
    #expect(tls.proxy.map(\.certificate) == [Self.first.certificate, Self.second.certificate])
    #expect(tls.proxy.map(\.name) == ["ssl_cert, entry 1", "ssl_cert, entry 2"])
    #expect(tls.admin.map(\.key) == [Self.second.key])
    #expect(tls.status.map(\.key) == [Self.first.key])
    #expect(tls.client?.certificate == Self.second.certificate)
  }

  @Test func aClientCertificateIsShownOnlyWhereThatIsSwitchedOn() throws {
    let given = ["GIBBON_CLIENT_SSL_CERT": "/t/b.crt", "GIBBON_CLIENT_SSL_CERT_KEY": "/t/b.key"]
    #expect(try Self.settings(given).client == nil)
    #expect(problems("client_ssl = on").first?.contains("needs client_ssl_cert") == true)
  }

  // MARK: What is refused

  @Test(arguments: [
    ("/t/a.crt", "/t/absent", "ssl_cert_key = '******': /t/absent: No such file"),
    ("/t/absent", "/t/a.key", "ssl_cert = '/t/absent': /t/absent: No such file"),
    ("/t/empty", "/t/a.key", "there is no block '-----BEGIN CERTIFICATE-----'"),
    ("/t/a.key", "/t/a.key", "there is no block '-----BEGIN CERTIFICATE-----'"),
    ("/t/a.crt", "/t/a.crt", "there is no block '-----BEGIN PRIVATE KEY-----'"),
    ("/t/a.crt", "/t/b.key", "ssl_cert = '/t/a.crt': this certificate and the key in ssl_cert_key cannot be used"),
    ("LS0tLS1?", "/t/a.key", "the certificate is not valid base64"),
    ("/t/a.crt", "MIGHAgEAMBMGByqGSM49", "this is no PEM text, and as a file it cannot be read"),
    ("/t/a.crt", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGH\n-----END ENCRYPTED PRIVATE KEY-----", "is encrypted"),
    ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "/t/a.key", "cannot be used"),
  ])
  func whatCannotBeUsedIsNamed(_ certificate: String, _ key: String, _ message: String) throws {
    let found = problems(
      environment: ["GIBBON_SSL_CERT": certificate, "GIBBON_SSL_CERT_KEY": key], others: Self.files)
    #expect(found.count == 1 && found.first?.contains(message) == true, "\(found)")
    #expect(found.first?.contains("environment GIBBON_SSL_CERT") == true, "\(found)")
    // A key is never shown.
    #expect(found.first?.contains("MIGH") == false, "\(found)")
  }

  @Test func theEntryAtFaultIsNamed() {
    let found = problems(
      "ssl_cert = /t/a.crt, /t/b.crt\nssl_cert_key = /t/a.key, /t/a.key", others: Self.files)
    #expect(found.count == 1 && found.first?.contains("entry 2: ") == true, "\(found)")
  }

  // MARK: Versions and suites

  @Test(
    arguments: [
      ("", [.tls12, .tls13], false), ("ssl_cipher_suite = modern", [.tls13], false),
      ("ssl_cipher_suite = old", [.tls10, .tls11, .tls12, .tls13], true), ("ssl_cipher_suite = fips", [.tls12], true),
      ("ssl_protocols = TLSv1.3", [.tls13], false),
      ("ssl_cipher_suite = old\nssl_protocols = TLSv1.1 TLSv1.2", [.tls11, .tls12], true),
      ("nginx_proxy_ssl_protocols = TLSv1.3", [.tls13], false),
      ("ssl_protocols = TLSv1.1 TLSv1.2", [.tls12], false),
      ("ssl_cipher_suite = custom\nssl_ciphers = x\nssl_protocols = TLSv1 TLSv1.2", [.tls10, .tls12], true),
      ("ssl_cipher_suite = custom\nssl_ciphers = x\nssl_prefer_server_ciphers = off", [.tls12, .tls13], false),
    ] as [(String, Set<TLSProtocolVersion>, Bool)])
  func suitesDecideVersions(_ text: String, _ versions: Set<TLSProtocolVersion>, _ prefersServer: Bool) throws {
    let listening = try load(text).tls.listening
    #expect(listening.versions == versions)
    #expect(listening.prefersServerCiphers == prefersServer)
  }

  @Test(arguments: [
    ("ssl_protocols = TLSv1.4", "'TLSv1.4' is not known"), ("ssl_protocols = SSLv3", "no version is left"),
    ("ssl_cipher_suite = modern\nssl_protocols = TLSv1.2", "ssl_cipher_suite = modern allows none of them"),
    ("ssl_dhparam = ffdhe1024", "ssl_dhparam = 'ffdhe1024'"),
    ("nginx_proxy_ssl_verify_client = on", "needs nginx_proxy_ssl_client_certificate"),
    ("nginx_proxy_ssl_verify_client = maybe", "expected one of"),
    ("nginx_proxy_ssl_client_certificate = /t/absent", "/t/absent"),
    ("nginx_proxy_proxy_ssl_protocols = x", "'x' is not known"),
  ])
  func valuesThatSayNothingAreRefused(_ text: String, _ message: String) {
    let found = problems(text, others: Self.files)
    #expect(found.count == 1 && found.first?.contains(message) == true, "\(found)")
  }

  @Test func whatASuiteLeavesOutIsWarnedOf() throws {
    let warnings = try load("ssl_protocols = TLSv1.1 TLSv1.2\nssl_ciphers = x").warnings
    #expect(warnings.contains { $0.contains("ssl_protocols: TLSv1.1 is not part of ssl_cipher_suite") }, "\(warnings)")
    #expect(warnings.contains { $0.contains("ssl_ciphers: not used with ssl_cipher_suite") }, "\(warnings)")
    #expect(try !load("").warnings.contains { $0.contains("ssl") })
  }

  // MARK: Sessions, clients, services

  @Test func sessionsAreReadFromDirectivesToo() throws {
    let listening = try load(
      "ssl_session_tickets = off\nssl_session_timeout = 1h\nssl_session_cache_size = 1m\nssl_dhparam = ffdhe3072"
    ).tls.listening
    #expect(!listening.usesTickets && listening.sessionTimeout == .seconds(3600))
    #expect(listening.sessionCacheBytes == 1 << 20 && listening.dhParameters == .group("ffdhe3072"))
    #expect(try load("nginx_http_ssl_session_timeout = 5m").tls.listening.sessionTimeout == .seconds(300))
  }

  @Test func clientsAreVerifiedAsNginxsDirectivesSay() throws {
    let clients = try load(
      """
      nginx_proxy_ssl_verify_client = optional
      nginx_proxy_ssl_client_certificate = /t/a.crt
      nginx_proxy_ssl_verify_depth = 3
      """, others: Self.files
    ).tls.clients
    #expect(clients.demand == .optional && clients.depth == 3)
    #expect(clients.authorities == [Self.first.certificate])
    #expect(try load("nginx_proxy_ssl_verify_client = optional_no_ca").tls.clients.demand == .unverified)
    #expect(try load("nginx_proxy_ssl_verify_client = NONE").tls.clients.demand == .off)
  }

  @Test func servicesAreVerifiedAsDirectivesSay() throws {
    let standard = try load("").tls.services
    #expect(!standard.verifies && standard.trustsSystem && standard.authorities.isEmpty && standard.sendsServerName)
    let services = try load(
      "nginx_proxy_proxy_ssl_verify = on\nnginx_proxy_proxy_ssl_verify_depth = 2\n"
        + "lua_ssl_trusted_certificate = system, /t/a.crt", others: Self.files
    ).tls.services
    #expect(services.verifies && services.depth == 2 && services.trustsSystem)
    #expect(services.authorities == [Self.first.certificate])
    let own = try load("nginx_proxy_proxy_ssl_trusted_certificate = /t/b.crt", others: Self.files).tls.services
    #expect(own.authorities == [Self.second.certificate] && !own.trustsSystem)
  }
}
