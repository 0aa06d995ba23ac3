// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// The configuration of one gateway, complete and checked; immutable.
public struct Configuration: Sendable {
  /// The folder with the gateway's own files: process id, logs, sockets. Absolute.
  public let prefix: String
  /// A UUID, or nil to let the gateway make and keep one.
  public let nodeID: String?
  public let role: Role
  public let database: Database
  public let datastore: DatastoreSettings
  /// Where the entities come from when there is no database; nil is an empty gateway.
  public let declarative: DeclarativeSource?
  public let routerFlavor: RouterFlavor
  public let plugins: PluginSelection
  public let pluginCalls: PluginCallSettings
  public let listen: ListenSettings
  public let tls: TLSSettings
  public let admin: AdminSettings
  public let logs: LogSettings
  public let workers: WorkerSettings
  public let downstream: DownstreamSettings
  public let upstream: UpstreamSettings
  public let forwarding: ForwardingSettings
  public let responses: ResponseSettings
  public let dns: DNSSettings
  /// What references of entities are resolved with.
  public let vaults: Vaults

  /// What was asked for and is ignored, one sentence each.
  public let warnings: [String]
  /// The file that was read, if any.
  public let file: String?
  /// Directives of the families `nginx_*`, `pluginserver_*` and `vault_*` that have no row in the table.
  public let directives: [String: String]

  let given: [String: GivenValue]

  public enum Role: String, Sendable, CaseIterable {
    case traditional
    case controlPlane = "control_plane"
    case dataPlane = "data_plane"
  }

  public enum Database: String, Sendable, CaseIterable {
    case off, sqlite, postgres, cassandra

    /// Whether it is a server's, which may be away, and which several nodes share.
    public var isServer: Bool { self == .postgres || self == .cassandra }
  }

  public enum RouterFlavor: String, Sendable, CaseIterable {
    case traditional
    case traditionalCompatible = "traditional_compatible"
    case expressions
  }

  /// A declarative configuration.
  public enum DeclarativeSource: Sendable, Hashable {
    /// An absolute path.
    case file(String)
    case text(String)
  }

  /// Which plugins may be used.
  public struct PluginSelection: Sendable, Hashable {
    /// All those that come with Gibbon.
    public let includesBundled: Bool
    /// Others, or a part of them, by name.
    public let names: [String]
  }

  init(_ resolver: Resolver, sources: ConfigurationSources) throws(ConfigurationError) {
    var checks = CrossChecks(resolver, readFile: sources.readFile)
    checks.run()
    let reader = SettingReader(given: resolver.given)
    var tls = TLSReader(reader, readFile: sources.readFile)
    tls.run()
    let problems = checks.problems + tls.problems
    if !problems.isEmpty { throw ConfigurationError(problems) }

    let prefix = PrefixDefault.resolve(reader.text("prefix"), sources.environment)
    self.prefix = prefix
    self.nodeID = reader.text("node_id")
    self.role = reader.choice("role") ?? .traditional
    // A declarative file that nobody would read helps nobody: it decides where `database` is not given.
    let isDeclared = reader.text("declarative_config") != nil || reader.text("declarative_config_string") != nil
    let isDatabaseGiven = resolver.given["database"] != nil
    self.database = isDeclared && !isDatabaseGiven ? .off : reader.choice("database") ?? .sqlite
    self.datastore = DatastoreSettings(reader, prefix: prefix)
    self.routerFlavor = reader.choice("router_flavor") ?? .traditionalCompatible
    // A file goes before text when both are given, as in Kong.
    if let path = reader.text("declarative_config") {
      self.declarative = .file(PathText.absolute(path))
    } else {
      self.declarative = reader.text("declarative_config_string").map { .text($0) }
    }
    let names = ListText.enabled(reader.list("plugins"))
    self.plugins = PluginSelection(
      includesBundled: names.contains("bundled"), names: names.filter { $0 != "bundled" })
    self.pluginCalls = PluginCallSettings(reader)
    self.listen = ListenSettings(reader)
    self.tls = tls.settings
    self.admin = AdminSettings(reader)
    self.logs = LogSettings(reader, prefix: prefix)
    self.workers = WorkerSettings(reader)
    self.downstream = DownstreamSettings(reader)
    self.upstream = UpstreamSettings(reader)
    self.forwarding = ForwardingSettings(reader)
    self.responses = ResponseSettings(reader, templates: checks.templates)
    self.dns = DNSSettings(reader)
    let kinds = reader.list("vaults")
    self.vaults = Vaults(
      environment: sources.environment, environmentPrefix: reader.text("vault_env_prefix") ?? "",
      isEnvironmentEnabled: kinds.contains("bundled") || kinds.contains(Vaults.environmentName))
    self.warnings =
      checks.warnings + tls.warnings + Self.ignoredEntities(resolver, self.database, isDeclared: isDeclared)
    self.file = sources.file
    self.directives = resolver.dynamic.mapValues(\.text)
    self.given = resolver.given
  }
}

extension Configuration {
  /// Entities from a file and entities from a database exclude one another.
  private static func ignoredEntities(_ resolver: Resolver, _ database: Database, isDeclared: Bool) -> [String] {
    guard isDeclared, database != .off else { return [] }
    return ["declarative_config", "declarative_config_string"].compactMap { name in
      resolver.given[name].map {
        "\($0.source): \(name) is not read, since entities are in the database (database = \(database.rawValue)); "
          + "put the file into it with 'gibbon config db_import', or set database = off"
      }
    }
  }

  /// The value of any property as text, its default included; nil when it is unset or unknown.
  public func text(_ name: String) -> String? {
    name == "prefix" ? self.prefix : SettingReader(given: self.given).text(name)
  }

  /// Where a property's value came from.
  public func source(_ name: String) -> ValueSource { self.given[name]?.source ?? .builtIn }

  /// Whether the gateway is meant to stay in the foreground (`nginx_daemon = off`, as container images set).
  public var staysInForeground: Bool { SettingReader(given: self.given).flag("nginx_main_daemon") == false }

  /// Each property with its value for display, secrets as `******`, unset ones left out.
  public var listing: [(name: String, value: String, source: ValueSource)] {
    PropertyTable.all.compactMap { property in
      self.text(property.name).map { text in
        (
          property.name, self.given[property.name]?.shown(as: property) ?? property.shown(text),
          self.source(property.name)
        )
      }
    }
  }
}
