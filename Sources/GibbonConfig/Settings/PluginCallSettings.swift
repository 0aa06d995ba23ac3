// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What holds for all plugins.
public struct PluginCallSettings: Sendable, Hashable {
  /// Whether calls with TLS believe the authorities of the system.
  public let trustsSystem: Bool
  /// The others that they believe: absolute paths of PEM files, PEM text, or PEM text in base64.
  public let authorities: [String]
  public let cachesPrivate: Bool
  /// Whether a body that a plugin is to change, and cannot read, goes on unchanged.
  public let passesUnreadableBodies: Bool

  init(_ reader: SettingReader) {
    let trusted = reader.list("lua_ssl_trusted_certificate")
    self.trustsSystem = trusted.isEmpty || trusted.contains("system")
    self.authorities = trusted.filter { $0 != "system" }.map(Self.source)
    self.cachesPrivate = reader.flag("proxy_cache_private")
    self.passesUnreadableBodies = reader.text("unreadable_bodies")?.utf8.elementsEqual("pass".utf8) ?? false
  }

  /// A relative path is one from the folder the gateway is started in; text stays.
  private static func source(_ text: String) -> String {
    let isText = text.utf8.starts(with: "-----BEGIN".utf8) || text.utf8.starts(with: "LS0tLS1CRUdJTi".utf8)
    return isText ? text : PathText.absolute(text)
  }
}
