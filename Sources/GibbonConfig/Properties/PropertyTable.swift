// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Properties that belong together on the reference page.
public struct PropertySection: Sendable {
  public let title: String
  public let introduction: String
  public let properties: [Property]

  init(_ title: String, _ introduction: String, _ properties: [Property]) {
    self.title = title
    self.introduction = introduction
    self.properties = properties
  }
}

/// The one table of all properties.
public enum PropertyTable {
  public static let sections: [PropertySection] = [
    Self.general, Self.logs, Self.listeners, Self.http, Self.tls, Self.nginx, Self.datastore, Self.postgres,
    Self.cassandra, Self.dns, Self.runtime, Self.cluster, Self.extensions,
  ]

  public static let all: [Property] = Self.sections.flatMap(\.properties)

  static let byName: [String: Property] = Dictionary(
    Self.all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  public static func property(named name: String) -> Property? { Self.byName[name] }
}
