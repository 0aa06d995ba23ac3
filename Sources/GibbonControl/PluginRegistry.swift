// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
public import GibbonPluginAPI
public import GibbonSchema

/// The plugins this gateway may run.
public struct PluginRegistry: Sendable {
  private let types: [String: any Plugin.Type]

  public init(_ types: [any Plugin.Type]) {
    self.types = Dictionary(types.map { ($0.descriptor.name, $0) }) { first, _ in first }
  }

  /// What they declare, in execution order.
  public var schemas: [PluginSchema] { self.descriptors.map(\.schema) }

  public var descriptors: [PluginDescriptor] { self.types.values.map { $0.descriptor }.sorted() }

  /// What they add to the Admin and Status APIs.
  public var endpoints: [PluginEndpoint] { self.types.sorted { $0.key < $1.key }.flatMap { $0.value.endpoints } }

  public func descriptor(named name: String) -> PluginDescriptor? { self.types[name]?.descriptor }

  /// Makes the instance of a plugin entity.
  func make(_ environment: PluginEnvironment) throws -> any Plugin {
    guard let type = self.types[environment.plugin.name] else {
      throw ControlError("plugin '\(environment.plugin.name)' is not enabled")
    }
    return try Self.make(type, environment)
  }

  private static func make<P: Plugin>(_ type: P.Type, _ environment: PluginEnvironment) throws -> any Plugin {
    let configuration = try ValueDecoder().decode(P.Configuration.self, from: environment.plugin.config)
    return try P(configuration: configuration, environment: environment)
  }
}

/// A configuration that cannot be served.
public struct ControlError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
