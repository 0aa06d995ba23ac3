// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a node's configuration says to all plugins. Fixed at its start.
public struct PluginSettings: Sendable {
  /// Whom calls with TLS believe.
  public var trust = TrustedAuthorities()
  /// Whether responses that RFC 9111 lets no shared cache keep are kept all the same (`proxy_cache_private`).
  public var keepsPrivateResponses = false

  /// Whether a body that a plugin is to change or check, and cannot read, goes on as it is (`unreadable_bodies`).
  public var passesUnreadableBodies = false

  public init() {}
}

/// The authorities that may vouch for a server (`lua_ssl_trusted_certificate`).
public struct TrustedAuthorities: Sendable, Hashable {
  /// Whether those of the system are among them.
  public var includesSystem = true
  /// Each a path of a PEM file, PEM text, or PEM text in base64.
  public var sources: [String] = []

  public init() {}
}
