// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonRouting

/// The compiled router and the handle each route has in it. Handles outlive snapshots, so that one changed
/// route changes one part of the router.
struct RoutingTable: Sendable {
  private(set) var router: Router
  private let flavor: GibbonRouting.RouterFlavor
  private var routes: [EntityID: Route] = [:]
  private var handles: [EntityID: Int] = [:]
  private var freeHandles: [Int] = []
  /// Every handle is below this.
  private(set) var handleLimit = 0
  private var problems: [EntityID: String] = [:]

  init(flavor: GibbonRouting.RouterFlavor) {
    self.flavor = flavor
    self.router = Router.compile([], flavor: flavor).router
  }

  func handle(of route: EntityID) -> Int? { self.handles[route] }

  /// Makes these the routes. Returns what is wrong with those that cannot match.
  mutating func use(_ wanted: [Route], rebuildShare: Int) -> [String] {
    let next = Dictionary(wanted.map { ($0.id, $0) }) { first, _ in first }
    let removed = self.routes.values.filter { next[$0.id] != $0 }.map(\.id)
    let added = wanted.filter { self.routes[$0.id] != $0 }
    for id in removed {
      self.problems[id] = nil
      if next[id] == nil, let handle = self.handles.removeValue(forKey: id) { self.freeHandles.append(handle) }
    }
    for route in added where self.handles[route.id] == nil { self.handles[route.id] = self.makeHandle() }
    let build: RouterBuild
    if (removed.count + added.count) * rebuildShare > wanted.count {
      build = Router.compile(wanted.map(self.definition), flavor: self.flavor)
    } else if removed.isEmpty, added.isEmpty {
      return self.problemTexts
    } else {
      build = self.router.replacing(removing: removed, adding: added.map(self.definition))
    }
    self.router = build.router
    self.routes = next
    for problem in build.problems {
      let name = problem.name ?? "\(problem.id)"
      self.problems[problem.id] = "route '\(name)' cannot match: \(problem.field) '\(problem.value)': \(problem.reason)"
    }
    return self.problemTexts
  }

  private var problemTexts: [String] { self.problems.values.sorted() }

  private mutating func makeHandle() -> Int {
    if let free = self.freeHandles.popLast() { return free }
    self.handleLimit += 1
    return self.handleLimit - 1
  }

  private func definition(_ route: Route) -> RouteDefinition {
    var definition = RouteDefinition(
      id: route.id, handle: self.handles[route.id] ?? 0, protocols: route.protocols.map(\.rawValue))
    definition.name = route.name
    definition.createdAt = route.createdAt
    definition.methods = route.methods
    definition.hosts = route.hosts
    definition.paths = route.paths
    definition.headers = Dictionary(route.headers.map { ($0.name, $0.values) }) { first, _ in first }
    definition.snis = route.snis
    definition.sources = route.sources.map { RouteNetwork(ip: $0.ip, port: $0.port) }
    definition.destinations = route.destinations.map { RouteNetwork(ip: $0.ip, port: $0.port) }
    definition.regexPriority = route.regexPriority
    definition.expression = route.expression
    definition.priority = UInt64(clamping: route.priority)
    return definition
  }
}
