// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What clients may use.
extension TLSReader {
  mutating func readListening() {
    let suite: CipherSuiteName = self.reader.choice("ssl_cipher_suite") ?? .intermediate
    self.settings.listening.suite = suite
    self.settings.listening.ciphers = suite == .custom ? self.reader.text("ssl_ciphers") : nil
    if suite != .custom, self.reader.text("ssl_ciphers") != nil {
      self.warn("ssl_ciphers", "not used with ssl_cipher_suite = \(suite.rawValue); write ssl_cipher_suite = custom")
    }
    self.settings.listening.versions = self.listeningVersions(suite)
    let prefers = self.reader.text("nginx_http_ssl_prefer_server_ciphers").flatMap(Scalars.flag) ?? true
    self.settings.listening.prefersServerCiphers = suite.prefersServerCiphers ?? prefers
    self.settings.listening.usesTickets =
      self.reader.text("nginx_http_ssl_session_tickets").flatMap(Scalars.flag) ?? true
    self.settings.listening.sessionTimeout =
      self.reader.parsed("nginx_http_ssl_session_timeout") { (text) throws(ValueFault) in
        try TimeText.duration(text)
      } ?? .seconds(86_400)
    self.settings.listening.sessionCacheBytes = self.reader.size("ssl_session_cache_size").bytes
    self.readDHParameters()
  }

  /// Those that the suite allows, of them those that somebody asks for.
  private mutating func listeningVersions(_ suite: CipherSuiteName) -> Set<TLSProtocolVersion> {
    let name = "nginx_http_ssl_protocols"
    guard let allowed = suite.versions else { return self.versions(name) }
    // The default of ssl_protocols says nothing against a suite.
    guard let given = self.reader.given[name],
      given.source != .property(name: "ssl_protocols")
        || self.reader.given["ssl_protocols"] != nil
    else { return allowed }
    let asked = self.versions(name)
    let common = asked.intersection(allowed)
    if common.isEmpty {
      self.fail(
        name,
        "ssl_cipher_suite = \(suite.rawValue) allows none of them; it has "
          + allowed.sorted().map(\.rawValue).joined(separator: " "))
      return allowed
    }
    if common != asked {
      let left = asked.subtracting(allowed).sorted().map(\.rawValue).joined(separator: " ")
      self.warn(name, "\(left) is not part of ssl_cipher_suite = \(suite.rawValue) and stays off")
    }
    return common
  }

  mutating func versions(_ name: String) -> Set<TLSProtocolVersion> {
    let standard: Set<TLSProtocolVersion> = [.tls12, .tls13]
    guard let text = self.reader.text(name) else { return standard }
    var versions: Set<TLSProtocolVersion> = []
    for word in ListText.words(text) {
      if let version = TLSProtocolVersion(rawValue: String(word)) {
        versions.insert(version)
      } else if !["SSLv2", "SSLv3"].contains(word) {
        let known = TLSProtocolVersion.allCases.map(\.rawValue).joined(separator: ", ")
        self.fail(name, "'\(word)' is not known; expected some of \(known)")
        return standard
      } else {
        self.warn(name, "\(word) is broken and stays off")
      }
    }
    if versions.isEmpty { self.fail(name, "no version is left; expected some of TLSv1.2, TLSv1.3") }
    return versions.isEmpty ? standard : versions
  }

  private static let groups = ["ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"]

  private mutating func readDHParameters() {
    let name = "nginx_http_ssl_dhparam"
    guard let given = self.reader.text(name) else { return }
    if Self.groups.contains(given) {
      self.settings.listening.dhParameters = .group(given)
    } else if given.utf8.starts(with: "ffdhe".utf8) {
      self.fail(name, "there is no such group; expected one of \(Self.groups.joined(separator: ", ")), or a PEM file")
    } else if let text = self.text(given, of: name, "", "DH PARAMETERS") {
      self.settings.listening.dhParameters = .text(text)
    }
  }
}
