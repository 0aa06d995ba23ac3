// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonControl
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

  init(_ configuration: Configuration) {
    let selection = configuration.plugins
    let enabled = BundledPlugins.all.filter {
      selection.includesBundled || selection.names.contains($0.descriptor.name)
    }
    self.plugins = PluginRegistry(enabled)
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
  func load(_ configuration: Configuration) throws -> DeclarativeConfiguration {
    switch configuration.declarative {
    case .none: return try self.parse([UInt8]("_format_version: \"3.0\"\n".utf8), name: "no declarative_config")
    case .text(let text): return try self.parse(Array(text.utf8), name: "declarative_config_string")
    case .file(let path): return try self.parse(try Self.read(path), name: path)
    }
  }

  func load(path: String) throws -> DeclarativeConfiguration { try self.parse(try Self.read(path), name: path) }

  private static func read(_ path: String) throws -> [UInt8] {
    do {
      return try FileText.readBytes(path, limit: 1 << 30)
    } catch {
      throw Failure(
        "declarative_config: \(error)", advice: "Check the path, or write a first file with 'gibbon config init'.")
    }
  }

  private func parse(_ bytes: [UInt8], name: String) throws -> DeclarativeConfiguration {
    let parser = DeclarativeParser(registry: self.registry, validator: Validator(now: Self.now().rounded(.down)))
    switch parser.parse(bytes, format: DeclarativeParser.Format(fileName: name)) {
    case .success(let configuration): return configuration
    case .failure(let errors): throw Failure(errors.rendered(file: name))
    }
  }
}

extension Gateway {
  static func parseDeclarative(path: String, configuration: Configuration) throws -> String {
    let parsed = try EntitySource(configuration).load(path: path)
    let counts = parsed.rows.filter { !$0.value.isEmpty && $0.key != "workspaces" }
      .sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
    let warnings = parsed.warnings.map { "\nwarning: \($0.rendered(file: path))" }.joined()
    return (counts.isEmpty ? "no entities" : counts.joined(separator: ", ")) + warnings
  }
}
