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
  private var handles: [EntityID: Int] = [:]
  private var freeHandles: [Int] = []
  /// Every handle is below this.
  private var handleLimit = 0
  private var problemTexts: [EntityID: String] = [:]

  init(flavor: GibbonRouting.RouterFlavor) {
    self.flavor = flavor
    self.router = Router.compile([], flavor: flavor).router
  }

  /// Only the oldest flavor has more than one way of joining paths.
  var honorsPathHandling: Bool { self.flavor == .traditional }

  func handle(of route: EntityID) -> Int? { self.handles[route] }

  /// When more than one in this many routes changes, compiling anew is cheaper than replacing.
  private static let rebuildShare = 4

  /// Adds or replaces some routes and removes others.
  ///
  /// - Parameter all: every route there is afterwards, asked for when compiling anew.
  mutating func change(put: [Route], remove: [EntityID], all: () -> [Route]) {
    if put.isEmpty, remove.isEmpty { return }
    let replaced = put.map(\.id).filter { self.handles[$0] != nil }
    let removed = remove.filter { self.handles[$0] != nil }
    let count = self.handles.count - removed.count + put.count - replaced.count
    self.forget(removed)
    self.handles.reserveCapacity(count)
    for route in put {
      if self.handles[route.id] == nil { self.handles[route.id] = self.makeHandle() }
      self.problemTexts[route.id] = nil
    }
    if (put.count + removed.count) * Self.rebuildShare > count {
      self.problemTexts = [:]
      self.take(Router.compile(all().map(self.definition), flavor: self.flavor))
    } else {
      self.take(self.router.replacing(removing: replaced + removed, adding: put.map(self.definition)))
    }
  }

  private mutating func forget(_ ids: [EntityID]) {
    for id in ids {
      self.problemTexts[id] = nil
      if let handle = self.handles.removeValue(forKey: id) { self.freeHandles.append(handle) }
    }
  }

  private mutating func take(_ build: RouterBuild) {
    self.router = build.router
    for problem in build.problems {
      let name = problem.name ?? "\(problem.id)"
      self.problemTexts[problem.id] =
        "route '\(name)' cannot match: \(problem.field) '\(problem.value)': \(problem.reason)"
    }
  }

  /// What is wrong with routes that cannot match.
  var problems: [String] { self.problemTexts.values.sorted() }

  private mutating func makeHandle() -> Int {
    if let free = self.freeHandles.popLast() { return free }
    self.handleLimit += 1
    return self.handleLimit - 1
  }

  private func definition(_ route: Route) -> RouteDefinition {
    var definition = RouteDefinition(id: route.id, handle: self.handles[route.id] ?? 0)
    let protocols = route.protocols.map(\.rawValue)
    // Most routes share the array of the default.
    if protocols != definition.protocols { definition.protocols = protocols }
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
