// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The rules that look at more than one property, or at files.
struct CrossChecks {
  private(set) var problems: [ConfigurationProblem]
  private(set) var warnings: [String]
  /// The texts of the error templates, by property.
  private(set) var templates: [String: String] = [:]
  private let reader: SettingReader
  private let readFile: (String) throws(FileFault) -> String

  init(_ resolver: Resolver, readFile: @escaping (String) throws(FileFault) -> String) {
    self.problems = resolver.problems
    self.warnings = resolver.warnings
    self.reader = SettingReader(given: resolver.given)
    self.readFile = readFile
  }

  mutating func run() {
    self.checkRole()
    self.checkCluster()
    self.checkCertificates()
    self.checkLists()
    self.checkListeners()
    self.checkLogFormats()
    self.checkCassandra()
    self.readTemplates()
  }

  private mutating func fail(_ name: String, _ message: String) {
    let value = self.reader.given[name]
    let shown = value.map { PropertyTable.property(named: name)?.shown($0.text) ?? $0.text }
    self.problems.append(
      ConfigurationProblem(property: name, value: shown, message: message, source: value?.source ?? .builtIn))
  }

  private func isSet(_ name: String) -> Bool { self.reader.text(name) != nil }

  private func isOff(_ name: String) -> Bool { self.reader.text(name)?.lowercased() == "off" }

  private mutating func checkRole() {
    switch self.reader.text("role") {
    case "control_plane":
      for name in ["admin_listen", "cluster_listen"] where self.isOff(name) {
        self.fail(name, "a control plane needs it; 'off' is not possible with role = control_plane")
      }
      if self.reader.text("database") == "off" {
        self.fail("database", "a control plane needs a database; 'off' is not possible with role = control_plane")
      }
      self.requireClusterCertificate("control_plane")
    case "data_plane":
      if self.isOff("proxy_listen") && self.isOff("stream_listen") {
        self.fail("proxy_listen", "a data plane needs it; 'off' is not possible with role = data_plane")
      }
      if self.reader.text("database") != "off" {
        self.fail("database", "a data plane has none; write database = off with role = data_plane")
      }
      self.requireClusterCertificate("data_plane")
    default:
      break
    }
  }

  private mutating func requireClusterCertificate(_ role: String) {
    for name in ["cluster_cert", "cluster_cert_key"] where !self.isSet(name) {
      self.fail(name, "must be given with role = \(role)")
    }
    if role == "control_plane", self.reader.text("cluster_mtls") == "pki", !self.isSet("cluster_ca_cert") {
      self.fail("cluster_ca_cert", "must be given with cluster_mtls = pki")
    }
  }

  private mutating func checkCluster() {
    if self.reader.flag("cluster_use_proxy"), !self.isSet("proxy_server") {
      self.fail("cluster_use_proxy", "needs proxy_server")
    }
    if self.reader.flag("cluster_incremental_sync"), !self.reader.flag("cluster_rpc") {
      self.fail("cluster_incremental_sync", "needs cluster_rpc = on")
    }
    if self.isSet("cluster_dp_labels"), self.reader.text("role") != "data_plane" {
      self.fail("cluster_dp_labels", "is for role = data_plane only")
    }
  }

  private mutating func checkCertificates() {
    for prefix in ["", "admin_", "admin_gui_", "status_"] {
      let certificates = self.reader.list(prefix + "ssl_cert").count
      let keys = self.reader.list(prefix + "ssl_cert_key").count
      if certificates != keys {
        self.fail(
          prefix + "ssl_cert", "\(certificates) certificates but \(keys) keys in \(prefix)ssl_cert_key; give one each")
      }
    }
    let hasClientCertificate = self.isSet("client_ssl_cert")
    if hasClientCertificate != self.isSet("client_ssl_cert_key") {
      let name = hasClientCertificate ? "client_ssl_cert" : "client_ssl_cert_key"
      self.fail(name, "needs \(hasClientCertificate ? "client_ssl_cert_key" : "client_ssl_cert") beside it")
    }
    let hasLogInCertificate = self.isSet("pg_ssl_cert")
    if hasLogInCertificate != self.isSet("pg_ssl_cert_key") {
      let name = hasLogInCertificate ? "pg_ssl_cert" : "pg_ssl_cert_key"
      self.fail(name, "needs \(hasLogInCertificate ? "pg_ssl_cert_key" : "pg_ssl_cert") beside it")
    }
    if self.reader.text("ssl_cipher_suite") == "custom", !self.isSet("ssl_ciphers") {
      self.fail("ssl_cipher_suite", "needs ssl_ciphers")
    }
  }

  private mutating func checkCassandra() {
    guard self.reader.text("database") == "cassandra" else { return }
    for point in self.reader.list("cassandra_contact_points") where Self.hasPort(point) {
      self.fail("cassandra_contact_points", "'\(point)' has a port: all nodes have the one that cassandra_port gives")
    }
    if self.reader.list("cassandra_contact_points").isEmpty {
      self.fail("cassandra_contact_points", "at least one host must be given with database = cassandra")
    }
    if self.reader.text("cassandra_repl_strategy") == "NetworkTopologyStrategy",
      CassandraSettings.dataCenters(self.reader) == nil
    {
      self.fail("cassandra_data_centers", "needs the number of replicas, 1 to 100, behind each name")
    }
  }

  /// Several colons are an IPv6 address.
  private static func hasPort(_ host: String) -> Bool {
    host.hasPrefix("[") || host.utf8.count { $0 == UInt8(ascii: ":") } == 1
  }

  private mutating func checkLists() {
    // Here 'off' contradicts the others, which Kong refuses too.
    for name in ["tracing_instrumentations", "opentelemetry_tracing"] {
      let items = self.reader.list(name)
      if items.count > 1, items.contains("off"), self.reader.given[name] != nil {
        self.fail(name, "'off' stands alone")
      }
    }
  }

  /// The same socket cannot be opened twice. Only what the user named is compared with the rest.
  private mutating func checkListeners() {
    let names = ["proxy_listen", "stream_listen", "admin_listen", "admin_gui_listen", "status_listen"]
    for (index, name) in names.enumerated() {
      for other in names[(index + 1)...] {
        guard self.reader.given[name] != nil || self.reader.given[other] != nil else { continue }
        let mine = self.reader.listeners(name, kind: name == "stream_listen" ? .stream : .http)
        let theirs = self.reader.listeners(other, kind: other == "stream_listen" ? .stream : .http)
        guard
          let twice = mine.first(where: { one in
            one.port != 0 && theirs.contains { $0.isSameSocket(as: one) }
          })
        else { continue }
        let culprit = self.reader.given[other] != nil ? other : name
        self.fail(culprit, "\(twice) is also used by \(culprit == name ? other : name)")
      }
    }
  }

  private mutating func checkLogFormats() {
    let format = self.reader.parsed("nginx_http_log_format") { (text) throws(ValueFault) in
      try LogFormat(parsing: text)
    }
    let known = ["combined", "basic", "kong_log_format"] + [format?.name].compactMap { $0 }
    for name in ["proxy_access_log", "admin_access_log", "status_access_log", "proxy_stream_access_log"] {
      let log = self.reader.parsed(name) { (text) throws(ValueFault) in try AccessLog.parse(text) }
      guard let used = log?.format, !known.contains(used), name != "proxy_stream_access_log" else { continue }
      let names = known.joined(separator: ", ")
      self.fail(name, "there is no format '\(used)'; known are \(names), others need nginx_http_log_format")
    }
  }

  private mutating func readTemplates() {
    for name in ["error_template_html", "error_template_json", "error_template_xml", "error_template_plain"] {
      guard let path = self.reader.text(name) else { continue }
      do throws(FileFault) {
        let text = try self.readFile(path)
        let places = Self.placeholders(in: text)
        if !(1...2).contains(places) {
          self.fail(name, "the file needs '%s' for the message and once more for the request id; it has \(places)")
        }
        self.templates[name] = text
      } catch {
        self.fail(name, error.description)
      }
    }
  }

  private static func placeholders(in text: String) -> Int {
    let bytes = Array(text.utf8)
    return zip(bytes, bytes.dropFirst()).count { $0 == UInt8(ascii: "%") && $1 == UInt8(ascii: "s") }
  }
}
