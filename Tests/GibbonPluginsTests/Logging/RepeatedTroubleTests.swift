// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonPluginAPI
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// A trouble of every request is told now and then.
@Suite struct RepeatedTroubleTests {
  @Test func itIsToldAtOnceAndThenCounted() {
    let reports = Reports()
    let trouble = RepeatedTrouble(.testing("rate-limiting", host: reports.host))
    let start = ContinuousClock.now
    for second in 0..<10 { trouble.report("redis is away", now: start + .seconds(second)) }
    #expect(reports.lines.count == 1)
    trouble.report("redis is away", now: start + .seconds(10))
    trouble.report("redis is away", now: start + .seconds(25))
    #expect(reports.lines.count == 3)
    #expect(reports.lines[0].hasPrefix("error [rate-limiting] redis is away, plugin_id: "))
    #expect(reports.lines[1].contains("redis is away, and 9 times more since the last line like this, plugin_id"))
    #expect(!reports.lines[2].contains("more since"))
  }

  @Test func theRouteIsNamed() {
    let reports = Reports()
    for name in ["shop", nil] {
      let id = EntityID.random()
      let names = MatchedNames(routeID: id, routeName: name, service: nil)
      RepeatedTrouble(.testing(host: reports.host)).report("down", names: names)
      #expect(reports.has("down, route: \"\(name ?? "\(id)")\""))
    }
  }
}
