// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// A router and what was left out of it.
public struct RouterBuild: Sendable {
  public let router: Router
  public let problems: [RouteProblem]
}

extension Router {
  /// Compiles a table. A route that cannot be compiled is left out and reported, as Kong logs and
  /// skips it; of several routes with one id the last stays.
  public static func compile(_ routes: [RouteDefinition], flavor: RouterFlavor) -> RouterBuild {
    self.build(RuleIndex(), flavor: flavor, removing: [], adding: routes)
  }

  /// The router with some routes removed and others added; an added route replaces one of its id.
  /// The cost follows the routes named, not the table. This router stays as it is.
  public func replacing(removing: [EntityID], adding: [RouteDefinition]) -> RouterBuild {
    Self.build(self.index, flavor: self.flavor, removing: removing, adding: adding)
  }

  private static func build(
    _ index: RuleIndex, flavor: RouterFlavor, removing: [EntityID], adding: [RouteDefinition]
  ) -> RouterBuild {
    var index = index
    var compiler = RuleCompiler(flavor: flavor)
    for id in removing { index.remove(id) }
    // By position: a definition is many references, which a copy would count.
    for position in adding.indices { index.insert(compiler.rules(for: adding[position]), id: adding[position].id) }
    return RouterBuild(router: Router(flavor: flavor, index: index), problems: compiler.problems)
  }
}
