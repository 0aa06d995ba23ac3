// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Testing

/// The router decides as the slow reference does.
@Suite struct RandomDecisionTests {
  private func check(_ router: Router, _ reference: ReferenceRouter, _ table: inout RandomTable, _ requests: Int) {
    let scratch = RouterScratch()
    for _ in 0..<requests {
      let request = table.request()
      let expected = reference.match(request)
      let actual = request.match(router, scratch: scratch)
      guard actual?.handle == expected?.handle, actual?.matchedPathLength == expected?.length else {
        Issue.record(
          """
          \(request.method) \(request.scheme)://\(request.host):\(request.port)\(request.path) \
          \(request.headers) sni \(request.sni ?? "-"): \(String(describing: actual)), \
          expected \(String(describing: expected))
          """)
        return
      }
    }
  }

  @Test(arguments: RouterFlavor.allCases, [1, 2, 3, 4, 5] as [UInt64])
  func smallTablesDecideAsTheReference(_ flavor: RouterFlavor, _ seed: UInt64) {
    var table = RandomTable(seed: seed &* 1_000, flavor: flavor)
    for size in [1, 3, 8, 20, 40, 60] {
      let routes = table.routes(size)
      let build = Router.compile(routes, flavor: flavor)
      #expect(build.problems.isEmpty)
      self.check(build.router, ReferenceRouter(routes, flavor: flavor), &table, 2_000)
    }
  }

  @Test(arguments: RouterFlavor.allCases)
  func crowdedTablesDecideAsTheReference(_ flavor: RouterFlavor) {
    var table = RandomTable(seed: 77, flavor: flavor)
    let routes = table.routes(1_000)
    let router = Router.compile(routes, flavor: flavor).router
    self.check(router, ReferenceRouter(routes, flavor: flavor), &table, 10_000)
  }

  @Test(arguments: RouterFlavor.allCases)
  func changedRoutersDecideAsFreshOnes(_ flavor: RouterFlavor) {
    var table = RandomTable(seed: 4_711, flavor: flavor)
    var routes = table.routes(40)
    var router = Router.compile(routes, flavor: flavor).router
    for step in 0..<60 {
      let before = (router, ReferenceRouter(routes, flavor: flavor))
      var removed: [EntityID] = []
      for _ in 0..<Int.random(in: 0..<6, using: &table.random) where !routes.isEmpty {
        removed.append(routes.remove(at: Int.random(in: 0..<routes.count, using: &table.random)).id)
      }
      var added = (0..<Int.random(in: 0..<6, using: &table.random)).map { table.route(1_000 + step * 10 + $0) }
      routes += added
      if !routes.isEmpty {
        // The same id again: a changed route.
        let id = routes[0].id
        var changed = table.route(9_000 + step)
        changed.id = id
        routes[0] = changed
        added.append(changed)
      }
      router = router.replacing(removing: removed, adding: added).router
      #expect(router.routeCount == routes.count)
      self.check(router, ReferenceRouter(routes, flavor: flavor), &table, 150)
      self.check(before.0, before.1, &table, 30)
    }
    router = router.replacing(removing: routes.map(\.id), adding: []).router
    #expect(router.routeCount == 0 && router.ruleCount == 0)
    #expect(TestRequest("GET", "/").match(router) == nil)
  }
}
