// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Whose certificates are verified: clients, and services.
extension TLSReader {
  mutating func readClients() {
    let demand: ClientCertificateSettings.Demand = self.reader.choice("nginx_http_ssl_verify_client") ?? .off
    self.settings.clients.demand = demand
    self.settings.clients.authorities = self.authorities("nginx_http_ssl_client_certificate")
    self.settings.clients.silentAuthorities = self.authorities("nginx_http_ssl_trusted_certificate")
    self.settings.clients.depth = self.reader.integer("nginx_http_ssl_verify_depth")
    if demand == .required || demand == .optional,
      self.reader.text("nginx_http_ssl_client_certificate") == nil,
      self.reader.text("nginx_http_ssl_trusted_certificate") == nil
    {
      self.fail(
        "nginx_http_ssl_verify_client",
        "needs nginx_proxy_ssl_client_certificate, the authorities that vouch for clients")
    }
  }

  mutating func readServices() {
    let trusted = self.reader.list("lua_ssl_trusted_certificate")
    self.settings.services.trustsSystem = trusted.isEmpty || trusted.contains("system")
    for item in trusted where item != "system" { self.readTrusted(item) }
    self.settings.services.verifies = self.reader.flag("nginx_http_proxy_ssl_verify")
    let own = self.authorities("nginx_http_proxy_ssl_trusted_certificate")
    if !own.isEmpty { (self.settings.services.authorities, self.settings.services.trustsSystem) = (own, false) }
    self.settings.services.depth = self.reader.integer("nginx_http_proxy_ssl_verify_depth")
    self.settings.services.versions = self.versions("nginx_http_proxy_ssl_protocols")
    self.settings.services.ciphers = self.reader.text("nginx_http_proxy_ssl_ciphers")
    self.settings.services.resumesSessions = self.reader.flag("nginx_http_proxy_ssl_session_reuse")
    self.settings.services.sendsServerName = self.reader.flag("nginx_http_proxy_ssl_server_name")
  }

  /// Who needs no authority of this file is not kept from starting by it.
  private mutating func readTrusted(_ item: String) {
    switch PEMInput(item) {
    case .text(let text): self.settings.services.authorities.append(text)
    case .brokenBase64: self.warn("lua_ssl_trusted_certificate", "an entry is not valid base64 and is left out")
    case .path(let path):
      do throws(FileFault) {
        self.settings.services.authorities.append(try self.readFile(PathText.absolute(path)))
      } catch {
        self.warn("lua_ssl_trusted_certificate", "\(error); it is left out")
      }
    }
  }
}
