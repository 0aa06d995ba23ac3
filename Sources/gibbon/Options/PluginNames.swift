// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonPluginAPI
internal import GibbonPlugins

/// Names of plugins that a configuration may hold without Gibbon having such a plugin.
enum PluginNames {
  /// Kong's plugins that Gibbon does not have, with the version they are planned for.
  private static let missing: [String: String] = [
    "acme": "0.2.0", "ai-prompt-decorator": "0.4.0", "ai-prompt-guard": "0.4.0", "ai-prompt-template": "0.4.0",
    "ai-proxy": "0.4.0", "ai-request-transformer": "0.4.0", "ai-response-transformer": "0.4.0", "aws-lambda": "0.3.0",
    "azure-functions": "0.3.0", "datadog": "0.2.0", "grpc-gateway": "0.2.0", "grpc-web": "0.2.0",
    "ldap-auth": "0.3.0", "loggly": "0.2.0", "oauth2": "0.3.0", "opentelemetry": "0.3.0", "post-function": "0.3.0",
    "pre-function": "0.3.0", "session": "0.2.0", "standard-webhooks": "0.2.0", "zipkin": "0.3.0",
  ]

  static let bundled = BundledPlugins.all.map { $0.descriptor.name }

  /// What there is to say of a name that is not enabled; nil where enabling it is all it needs.
  static func advice(for name: String) -> String? {
    if Self.bundled.contains(name) { return nil }
    if let version = Self.missing[name] {
      return "Gibbon \(Release.version) does not have this plugin of Kong's yet; it is planned for version \(version)"
    }
    return "Gibbon has no such plugin" + Suggestion.hint(for: name, among: Self.bundled + Self.missing.keys.sorted())
  }
}

extension Configuration {
  /// Refuses names in the property `plugins` that would enable nothing.
  func refuseUnknownPlugins() throws {
    let faults = self.plugins.names.compactMap { name in
      PluginNames.advice(for: name).map { "\(self.source("plugins")): plugins: '\(name)': \($0)" }
    }
    if !faults.isEmpty {
      throw Failure(
        faults.joined(separator: "\n"), advice: "Take the name out of the list; 'bundled' enables all there are.")
    }
  }
}
