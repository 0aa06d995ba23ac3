// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonTLS

/// Reads what the properties of TLS name: certificates and keys are read here, once, and must fit each other.
struct TLSReader {
  var settings = TLSSettings()
  private(set) var problems: [ConfigurationProblem] = []
  private(set) var warnings: [String] = []
  let reader: SettingReader
  let readFile: (String) throws(FileFault) -> String

  init(_ reader: SettingReader, readFile: @escaping (String) throws(FileFault) -> String) {
    self.reader = reader
    self.readFile = readFile
  }

  mutating func run() {
    self.settings.proxy = self.pairs("ssl_cert")
    self.settings.admin = self.pairs("admin_ssl_cert")
    self.settings.adminGUI = self.pairs("admin_gui_ssl_cert")
    self.settings.status = self.pairs("status_ssl_cert")
    let client = self.pairs("client_ssl_cert", isList: false).first
    if self.reader.flag("client_ssl"), client == nil, self.reader.text("client_ssl_cert") == nil {
      self.fail("client_ssl", "needs client_ssl_cert and client_ssl_cert_key")
    }
    self.settings.client = self.reader.flag("client_ssl") ? client : nil
    self.readListening()
    self.readClients()
    self.readServices()
    self.settings.pluginCalls.depth = self.reader.integer("lua_ssl_verify_depth")
    self.settings.pluginCalls.versions = self.versions("lua_ssl_protocols")
  }

  // MARK: Problems

  mutating func fail(_ name: String, _ message: String) {
    // The one that people wrote.
    var name = name
    if case .property(let origin)? = self.reader.given[name]?.source { name = origin }
    let (property, value) = (PropertyTable.property(named: name), self.reader.given[name])
    self.problems.append(
      ConfigurationProblem(
        property: name, value: property.flatMap { property in value.map { $0.shown(as: property) } },
        message: message, source: value?.source ?? .builtIn))
  }

  mutating func warn(_ name: String, _ message: String) {
    var name = name
    if case .property(let origin)? = self.reader.given[name]?.source { name = origin }
    self.warnings.append("\(self.reader.given[name].map { "\($0.source): " } ?? "")\(name): \(message)")
  }

  // MARK: Certificates

  /// The certificates of a property with the keys of the one beside it; what is wrong is noted.
  private mutating func pairs(_ name: String, isList: Bool = true) -> [CertificatePair] {
    func items(_ name: String) -> [String] {
      isList ? self.reader.list(name) : self.reader.text(name).map { [$0] } ?? []
    }
    let (certificates, keys) = (items(name), items(name + "_key"))
    // Another check speaks of the number.
    guard certificates.count == keys.count else { return [] }
    var pairs: [CertificatePair] = []
    for (index, (certificate, key)) in zip(certificates, keys).enumerated() {
      let place = certificates.count > 1 ? "entry \(index + 1): " : ""
      let certificateText = self.text(certificate, of: name, place, "CERTIFICATE")
      let keyText = self.text(key, of: name + "_key", place, "PRIVATE KEY")
      guard let certificateText, let keyText else { continue }
      guard !keyText.utf8.contains("ENCRYPTED".utf8) else {
        self.fail(
          name + "_key",
          "\(place)the key is encrypted, and its password cannot be given; write it without one with "
            + "'openssl pkey -in FILE -out FILE'")
        continue
      }
      do {
        _ = try TLSIdentity([TLSKeyPair(certificate: certificateText, key: keyText)], checksChain: false)
        pairs.append(
          CertificatePair(
            certificate: certificateText, key: keyText,
            name: certificates.count > 1 ? "\(name), entry \(index + 1)" : name))
      } catch {
        self.fail(name, "\(place)this certificate and the key in \(name)_key cannot be used: \(error)")
      }
    }
    return pairs
  }

  /// The PEM text that an item stands for; nil where there is none, which is noted.
  ///
  /// - Parameter label: how the label of one of its blocks ends.
  mutating func text(_ item: String, of name: String, _ place: String, _ label: String) -> String? {
    let what = label == "CERTIFICATE" ? "certificate" : label == "PRIVATE KEY" ? "key" : "text"
    let expected = "expected the path of a PEM file, PEM text, or PEM text in base64"
    let text: String
    switch PEMInput(item) {
    case .brokenBase64:
      self.fail(name, "\(place)the \(what) is not valid base64; \(expected)")
      return nil
    case .text(let given): text = given
    case .path(let path):
      do throws(FileFault) {
        text = try self.readFile(PathText.absolute(path))
      } catch {
        self.fail(name, "\(place)\(self.reading(error, path, name)); \(expected)")
        return nil
      }
    }
    guard text.utf8.contains("-----BEGIN ".utf8), text.utf8.contains((label + "-----").utf8) else {
      self.fail(name, "\(place)there is no block '-----BEGIN \(label)-----' in it; \(expected)")
      return nil
    }
    return text
  }

  /// A key that somebody took for a path is not shown.
  private func reading(_ error: FileFault, _ path: String, _ name: String) -> String {
    let isSensitive = PropertyTable.property(named: name)?.isSensitive ?? false
    if !isSensitive || path.utf8.first == UInt8(ascii: "/") && path.utf8.count < 256 { return "\(error)" }
    return "this is no PEM text, and as a file it cannot be read"
  }

  /// Authorities: several may stand in one text.
  mutating func authorities(_ name: String) -> [String] {
    guard let item = self.reader.text(name) else { return [] }
    return self.text(item, of: name, "", "CERTIFICATE").map { [$0] } ?? []
  }
}
