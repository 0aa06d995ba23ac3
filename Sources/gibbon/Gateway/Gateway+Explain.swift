// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonControl
internal import GibbonCore
internal import GibbonEngine
internal import GibbonModel
internal import GibbonRouting
internal import GibbonSchema

extension Gateway {
  /// Which route a request would take with the entities that `start` would load, and why not the others.
  static func explain(_ request: ExplainedRequest, configuration: Configuration) throws -> ExplainReport {
    ExplainReport(request, in: try Self.snapshot(configuration))
  }

  /// What a gateway with this configuration would serve.
  private static func snapshot(_ configuration: Configuration) throws -> Snapshot {
    let entities = EntitySource(configuration)
    let control = ControlPlane(
      plugins: entities.plugins, flavor: configuration.routerFlavor.routing, nodeID: EntityID.random(),
      secrets: entities.secrets)
    if configuration.database == .off { return try control.snapshot(of: try entities.load(configuration)).snapshot }
    let path = configuration.datastore.sqlitePath
    if configuration.database == .sqlite, !FileText.exists(path) {
      throw Failure(
        "there is no database at \(path)",
        advice: "Name the gateway's prefix: -p FOLDER; or its file: -c FILE, or GIBBON_DECLARATIVE_CONFIG=kong.yml.")
    }
    let tasks = try DatastoreTasks(configuration)
    defer { tasks.close() }
    return try tasks.snapshot(control)
  }
}
