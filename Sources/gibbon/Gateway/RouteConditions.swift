// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonRouting
internal import GibbonSchema

/// Conditions of routes that no field by itself can be judged by: whether the router can compile them.
enum RouteConditions {
  /// What is wrong with them, or nil. Routes without such conditions cost a look at their headers.
  static func fault(in object: JSONObject, flavor: GibbonRouting.RouterFlavor) -> String? {
    guard self.mayFail(object), let route = Route(validated: object) else { return nil }
    var definition = RouteDefinition(id: route.id, handle: 0, protocols: route.protocols.map(\.rawValue))
    definition.methods = route.methods
    definition.hosts = route.hosts
    definition.paths = route.paths
    definition.headers = Dictionary(route.headers.map { ($0.name, $0.values) }) { first, _ in first }
    definition.snis = route.snis
    definition.sources = route.sources.map { RouteNetwork(ip: $0.ip, port: $0.port) }
    definition.destinations = route.destinations.map { RouteNetwork(ip: $0.ip, port: $0.port) }
    return Router.compile([definition], flavor: flavor).problems.first.map { problem in
      "\(problem.field) '\(problem.value)': \(problem.reason)" + (problem.position.map { " at byte \($0)" } ?? "")
    }
  }

  private static func mayFail(_ object: JSONObject) -> Bool {
    let headers = object["headers"]?.objectValue ?? [:]
    let hasPattern = headers.contains { member in
      member.value.arrayValue?.contains { $0.stringValue?.utf8.starts(with: "~*".utf8) == true } == true
    }
    let hasPath = object["paths"]?.arrayValue?.contains { $0.stringValue?.utf8.first == UInt8(ascii: "~") } == true
    return hasPattern || hasPath || ["sources", "destinations"].contains { object[$0].map { !$0.isEmpty } ?? false }
  }
}
