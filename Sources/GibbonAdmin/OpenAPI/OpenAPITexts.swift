// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// Descriptions for people that neither endpoints nor schemas carry.
enum OpenAPITexts {
  /// What a group of endpoints is about.
  static func group(_ name: String) -> String {
    Self.groups[name] ?? "The collection \(name.split(separator: "_").joined(separator: " "))"
  }

  /// How a path names an entity.
  static func address(_ schema: EntitySchema, in endpoint: Endpoint) -> String {
    if schema.name == TagsSchema.collection { return "The tag" }
    // What belongs to a certificate is reached by a server name only where that is a server name too.
    if schema.name == Certificate.collection, [schema.name, SNI.collection].contains(endpoint.group) {
      return "id, or one of its server names"
    }
    return schema.endpointKey.map { "id or \($0)" } ?? "id"
  }

  /// A parameter that names no entity of a collection.
  static func parameter(_ name: String) -> String { Self.parameters[name] ?? "The \(name)" }

  private static let groups = [
    "apis": "Services with one route each, in the vocabulary of Kong's first versions",
    "ca_certificates": "Certificate authorities that servers and clients are checked against",
    "cache": "What this node has cached",
    "certificates": "Certificates with their keys",
    "clustering": "Data planes of a control plane",
    "config": "The declarative configuration of a gateway without a database",
    "consumers": "The users of the services",
    "key_sets": "Sets of cryptographic keys",
    "keys": "Cryptographic keys",
    "node": "This node: what it is, and how it is",
    "plugins": "What is done to requests and responses on their way",
    "routes": "Which requests go to which service",
    "schemas": "The schemas of entities and plugins, and checks against them",
    "services": "The upstream APIs that requests go to",
    "snis": "The server names that certificates are for",
    "tags": "Which entities have which tags",
    "targets": "The backends of upstreams",
    "upstreams": "Virtual hosts whose requests are spread over targets",
    "vaults": "Places where secrets are kept",
  ]

  private static let parameters = [
    "apis": "id or name",
    "key": "The key of what is cached",
    "log_level": "debug, info, notice, warn, error, crit, alert or emerg",
    "name": "The name of what is described",
  ]
}
