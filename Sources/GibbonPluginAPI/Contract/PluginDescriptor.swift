// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// The phases of a request a plugin can take part in, with Kong's names.
public struct PhaseSet: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let rewrite = PhaseSet(rawValue: 1)
  public static let access = PhaseSet(rawValue: 2)
  public static let headerFilter = PhaseSet(rawValue: 4)
  public static let bodyFilter = PhaseSet(rawValue: 8)
  public static let log = PhaseSet(rawValue: 16)
}

/// What is known of a plugin before any configuration.
public struct PluginDescriptor: Sendable {
  public let name: String
  /// `x.y.z`
  public let version: String
  /// Plugins run from the highest priority to the lowest; equals by name, descending.
  public let priority: Int
  public let phases: PhaseSet
  /// Its configuration's fields and the entities it brings (credentials…).
  public let schema: PluginSchema

  public init(version: String, priority: Int, phases: PhaseSet, schema: PluginSchema) {
    self.name = schema.name
    self.version = version
    self.priority = priority
    self.phases = phases
    self.schema = schema
  }
}

extension PluginDescriptor: Comparable {
  /// Execution order.
  public static func < (left: PluginDescriptor, right: PluginDescriptor) -> Bool {
    left.priority != right.priority ? left.priority > right.priority : left.name > right.name
  }

  public static func == (left: PluginDescriptor, right: PluginDescriptor) -> Bool {
    left.name == right.name && left.priority == right.priority
  }
}
