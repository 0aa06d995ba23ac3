// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonCore
import GibbonDNS
import GibbonEngine
import GibbonIO
import GibbonModel
import GibbonRouting
import GibbonTesting

/// The real engine in this process, on two loops, in front of an origin.
final class EngineFixture: Sendable {
  let origin: Origin
  let engine: Engine
  let settings: EngineSettings
  private let reservation: FreePort
  private let logFile: URL
  private let logs: LogWriter
  /// One for all fixtures of this process, kept to its end.
  private static let folder = Result { try TemporaryFolder() }

  /// - Parameters:
  ///   - plugins: the chain of the one route there is.
  ///   - path: where that route begins.
  ///   - change: of the settings, whose defaults are those of the engine but for two loops.
  init(
    _ plugins: [PluginSlot] = [], global: [PluginSlot] = [], path: String = "/",
    handler: @escaping Origin.Handler = { try $0.echo() },
    settings change: (inout EngineSettings) -> Void = { _ in }
  ) throws {
    self.origin = try Origin(handler)
    self.reservation = try FreePort()
    self.logFile = try Self.folder.get().file("\(self.reservation.number)-\(UUID()).log")
    self.logs = try LogWriter()
    var settings = EngineSettings()
    settings.workers = 2
    settings.listeners = [
      ListenerSettings(address: .internet(.loopbackV4, port: UInt16(self.reservation.number)))
    ]
    change(&settings)
    self.settings = settings
    self.engine = try Engine(
      settings: settings,
      snapshot: Self.snapshot(plugins, global: global, path: path, originPort: self.origin.port),
      errorLog: ErrorLog(
        file: try self.logs.open(path: self.logFile.path), level: .info, processID: 1),
      resolver: try Resolver(settings: ResolverSettings()))
    try self.engine.listen()
  }

  deinit {
    self.engine.shutDown()
    self.logs.close()
  }

  var port: Int { self.reservation.number }
  var errorLog: String { contents(of: self.logFile) }

  /// Serves these plugins from now on.
  func use(_ plugins: [PluginSlot]) {
    self.engine.use(Self.snapshot(plugins, global: [], path: "/", originPort: self.origin.port))
  }

  static func snapshot(
    _ plugins: [PluginSlot], global: [PluginSlot], path: String, originPort: Int
  ) -> Snapshot {
    var service = Service(name: "origin", host: "127.0.0.1", port: originPort)
    service.readTimeoutMilliseconds = 20_000
    var route = Route(name: "all", service: service.id)
    route.paths = [path]
    route.stripPath = false
    var definition = RouteDefinition(id: route.id, handle: 0)
    definition.paths = [path]
    let runtime = ServiceRuntime(
      entity: service, slot: 0, endpoints: [UpstreamEndpoint(host: "127.0.0.1", port: UInt16(originPort))],
      hostHeader: nil)
    var routes = RouteTable()
    routes.set([(0, RouteRuntime(entity: route, service: runtime, chain: PluginChain(slots: plugins)))])
    return Snapshot(
      router: Router.compile([definition], flavor: .traditionalCompatible).router, routes: routes,
      globalChain: PluginChain(slots: global), serviceSlots: 1, hash: "test")
  }

  func client() throws -> RawClient { try RawClient(port: self.port) }

  /// One request on a connection of its own.
  func send(
    _ method: String = "GET", _ target: String = "/", headers: [(String, String)] = [], body: String? = nil
  ) throws -> Response {
    let client = try self.client()
    defer { client.close() }
    try client.request(method, target, headers: headers, body: body.map { Array($0.utf8) })
    return try client.response(to: method)
  }

  /// Exactly these bytes; the answer up to the connection's end.
  func raw(_ text: String) throws -> String {
    let client = try self.client()
    defer { client.close() }
    try client.send(text)
    return String(decoding: try client.reader.readToEnd(), as: UTF8.self)
  }
}
