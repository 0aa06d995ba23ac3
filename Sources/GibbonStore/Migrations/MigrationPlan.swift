// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// Every migration that this version of Gibbon knows, in the order in which they run.
public struct MigrationPlan: Sendable {
  /// Those of one owner: `core`, or a plugin.
  public struct Group: Sendable {
    public let owner: String
    public let migrations: [Migration]

    public init(_ owner: String, _ migrations: [Migration]) {
      self.owner = owner
      self.migrations = migrations
    }
  }

  public let groups: [Group]

  /// - Parameter plugins: every plugin that comes with Gibbon, enabled or not, so that enabling one later needs no
  ///   migration.
  public init(plugins: [PluginSchema]) {
    self.groups =
      [Group("core", CoreMigrations.all)]
      + plugins.filter { !$0.migrations.isEmpty }.map { Group($0.name, $0.migrations) }
  }

  public init(groups: [Group]) { self.groups = groups }

  /// The tables after all migrations.
  public var layouts: [TableLayout] {
    self.groups.flatMap(\.migrations).flatMap(\.steps).map { step in
      switch step {
      case .createTable(let layout): layout
      }
    }
  }
}

/// Which migrations a datastore has seen.
public struct MigrationState: Sendable, Hashable {
  /// `owner/name`, in the order in which they ran.
  public let executed: [String]
  /// `owner/name` of those the plan has besides.
  public let new: [String]

  public init(executed: [String], new: [String]) {
    self.executed = executed
    self.new = new
  }

  /// Whether the datastore was ever set up.
  public var isBootstrapped: Bool { !self.executed.isEmpty }
  public var isUpToDate: Bool { self.isBootstrapped && self.new.isEmpty }
}
