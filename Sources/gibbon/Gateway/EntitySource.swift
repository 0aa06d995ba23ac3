// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonControl
internal import GibbonCore
internal import GibbonEngine
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonPlugins
internal import GibbonRouting
internal import GibbonSchema
internal import GibbonStore

/// The kinds of entities this node knows, and how declarative files become them.
struct EntitySource: Sendable {
  let plugins: PluginRegistry
  let registry: EntityRegistry
  /// What references are resolved with; a reload replaces it.
  let secrets: NodeSecrets
  /// Judges entities before they are stored or served.
  let inspection: any EntityInspection

  init(_ configuration: Configuration) {
    let selection = configuration.plugins
    let enabled = BundledPlugins.all.filter {
      selection.includesBundled || selection.names.contains($0.descriptor.name)
    }
    self.plugins = PluginRegistry(enabled)
    self.secrets = NodeSecrets(configuration.vaults)
    self.inspection = Inspector(
      plugins: self.plugins, secrets: self.secrets, hasCounters: configuration.database != .off)
    let flavor = GibbonModel.RouterFlavor(rawValue: configuration.routerFlavor.rawValue) ?? .traditionalCompatible
    let routing = configuration.routerFlavor.routing
    self.registry = EntityRegistry(
      plugins: self.plugins.schemas,
      routes: RoutesSchema.schema(flavor: flavor) { RouteCheck.violation(in: $0, flavor: routing) })
  }

  /// The layout of a datastore for every plugin that comes with Gibbon.
  static let migrations = MigrationPlan(plugins: PluginRegistry(BundledPlugins.all).schemas)

  /// Unix seconds.
  static let now: @Sendable () -> Double = { Double(Clock.realtimeMicroseconds) / 1_000_000 }

  /// Reads and checks the entities; throws with everything that is wrong at once.
  func load(_ configuration: Configuration, inspects: Bool = true) throws -> DeclarativeConfiguration {
    switch configuration.declarative {
    case .none: try self.parse([UInt8]("_format_version: \"3.0\"\n".utf8), name: "no declarative_config")
    case .text(let text):
      try self.parse(Array(text.utf8), name: "declarative_config_string", inspects: inspects)
    case .file(let path): try self.parse(try Self.read(path), name: path, inspects: inspects)
    }
  }

  /// - Parameter inspects: whether entities are judged by what the file holds alone; else whoever puts them somewhere
  ///   does that, knowing what is there.
  func load(path: String, inspects: Bool = true) throws -> DeclarativeConfiguration {
    try self.parse(try Self.read(path), name: path, inspects: inspects)
  }

  private static func read(_ path: String) throws -> [UInt8] {
    do {
      return try FileText.readBytes(path, limit: 1 << 30)
    } catch {
      throw Failure(
        "declarative_config: \(error)", advice: "Check the path, or write a first file with 'gibbon config init'.")
    }
  }

  private func parse(_ bytes: [UInt8], name: String, inspects: Bool = true) throws -> DeclarativeConfiguration {
    let parser = DeclarativeParser(
      registry: self.registry, validator: Validator(now: Self.now().rounded(.down)),
      inspection: inspects ? self.inspection : nil)
    switch parser.parse(bytes, format: DeclarativeParser.Format(fileName: name)) {
    case .success(let configuration): return configuration
    case .failure(let errors):
      let collections = self.registry.schemas.map(\.name)
      throw Failure(errors.rendered(file: name) { DeclarativeAdvice.text(for: $0, collections: collections) })
    }
  }
}

extension Gateway {
  static func checkedSettings(_ configuration: Configuration) throws {
    _ = try EngineSettings(configuration, makesFiles: false)
    if configuration.database == .off { _ = try EntitySource(configuration).load(configuration) }
  }

  static func parseDeclarative(path: String, configuration: Configuration) throws -> ParsedFile {
    let entities = EntitySource(configuration)
    let parsed = try entities.load(path: path)
    let counts = parsed.rows.filter { !$0.value.isEmpty && $0.key != "workspaces" }
      .sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
    let built = try ControlPlane(
      plugins: entities.plugins, flavor: configuration.routerFlavor.routing, nodeID: EntityID.random(),
      secrets: entities.secrets
    ).snapshot(of: parsed)
    return ParsedFile(
      summary: counts.isEmpty ? "no entities" : counts.joined(separator: ", "),
      warnings: parsed.warnings.map { $0.rendered(file: path) } + built.warnings + Self.withoutEffect(parsed))
  }

  /// Collections that are kept and checked, and that nothing of this version reads.
  private static func withoutEffect(_ declared: DeclarativeConfiguration) -> [String] {
    ["filter_chains"].compactMap { name in
      let count = declared.rows[name]?.count ?? 0
      return count == 0
        ? nil : "\(count) \(name) without effect: what they are for is not available in this version of Gibbon"
    }
  }
}

/// What a declarative file holds, and what of it will have no effect.
struct ParsedFile {
  /// `2 services, 3 routes`
  let summary: String
  let warnings: [String]
}
