// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonIO
import Testing

/// What becomes of signals, in every order.
@Suite struct LifecycleTests {
  private let start = ContinuousClock.now

  private func at(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

  private static let quit = Lifecycle.Event.signal(.drain(DrainRequest()))
  private static func quit(wait: Int = 0, limit: Int?) -> Lifecycle.Event {
    .signal(.drain(DrainRequest(waitSeconds: wait, limitSeconds: limit)))
  }

  @Test func termStopsAtOnceAndASecondOneDoesNotWait() {
    var life = Lifecycle()
    #expect(life.decide(.signal(.terminate), at: self.at(0)) == [.stop(.terminated)])
    #expect(life.decide(Self.quit, at: self.at(1)) == [])
    #expect(life.decide(.signal(.reload), at: self.at(1)) == [.refuseReload])
    #expect(life.decide(.signal(.terminate), at: self.at(1)) == [.exit])
  }

  @Test func theEndOfAStopEndsTheProcess() {
    var life = Lifecycle()
    _ = life.decide(.signal(.terminate), at: self.at(0))
    #expect(life.decide(.stopped, at: self.at(1)) == [.exit])
  }

  @Test func quitDrainsAndStopsWhenDrained() {
    var life = Lifecycle()
    #expect(life.decide(Self.quit, at: self.at(0)) == [.announceEnd, .drain])
    #expect(life.decide(.drained, at: self.at(3)) == [.stop(nil)])
    #expect(life.deadline == nil)
  }

  @Test func termEndsADrainAtOnce() {
    var life = Lifecycle()
    _ = life.decide(Self.quit, at: self.at(0))
    #expect(life.decide(.signal(.terminate), at: self.at(1)) == [.stop(.terminated)])
    // What was drained by being cut off is no second end.
    #expect(life.decide(.drained, at: self.at(1)) == [])
  }

  @Test func tunnelsOutlastADrainWithoutALimitForAWhileAndRequestsForAsLongAsTheyNeed() {
    var life = Lifecycle()
    _ = life.decide(Self.quit, at: self.at(0))
    #expect(life.deadline == self.at(Lifecycle.tunnelSeconds))
    #expect(life.decide(.time, at: self.at(Lifecycle.tunnelSeconds)) == [.endTunnels])
    #expect(life.deadline == nil)
    #expect(life.decide(.time, at: self.at(9999)) == [])
  }

  @Test func aConfiguredLimitCutsEverything() {
    var life = Lifecycle(drainSeconds: 4)
    _ = life.decide(Self.quit, at: self.at(0))
    #expect(life.deadline == self.at(4))
    #expect(life.decide(.time, at: self.at(4)) == [.stop(.timeOver)])
  }

  @Test func theLimitOfACommandGoesBeforeTheConfiguredOne() {
    var life = Lifecycle(drainSeconds: 4)
    _ = life.decide(Self.quit(limit: 60), at: self.at(0))
    #expect(life.decide(.time, at: self.at(30)) == [])
    // A second after the command would have ended it itself.
    #expect(life.deadline == self.at(61))
    #expect(life.decide(.time, at: self.at(61)) == [.stop(.timeOver)])
  }

  @Test func aSecondQuitBringsTheEndForwardAndNeverPutsItOff() {
    var life = Lifecycle()
    _ = life.decide(Self.quit(limit: 60), at: self.at(0))
    #expect(life.decide(Self.quit(limit: 5), at: self.at(10)) == [])
    #expect(life.deadline == self.at(16))
    #expect(life.decide(Self.quit(limit: 500), at: self.at(11)) == [])
    #expect(life.decide(Self.quit, at: self.at(11)) == [])
    #expect(life.deadline == self.at(16))
  }

  @Test func aQuitThatWaitsIsAnnouncedFirst() {
    var life = Lifecycle()
    #expect(life.decide(Self.quit(wait: 5, limit: 10), at: self.at(0)) == [.announceEnd])
    #expect(life.deadline == self.at(5))
    #expect(life.decide(.signal(.reload), at: self.at(1)) == [.refuseReload])
    #expect(life.decide(.time, at: self.at(5)) == [.drain])
  }

  @Test func aPlainQuitEndsTheWaitOfAnother() {
    var life = Lifecycle()
    _ = life.decide(Self.quit(wait: 50, limit: 10), at: self.at(0))
    #expect(life.decide(Self.quit, at: self.at(1)) == [.drain])
    #expect(life.deadline == self.at(12), "with the limit that was asked for")
  }

  @Test func reloadsFollowOneAnotherAndMeltIntoOne() {
    var life = Lifecycle()
    #expect(life.decide(.signal(.reload), at: self.at(0)) == [.reload])
    #expect(life.decide(.signal(.reload), at: self.at(0)) == [])
    #expect(life.decide(.signal(.reload), at: self.at(0)) == [])
    #expect(life.decide(.reloaded, at: self.at(1)) == [.reload])
    #expect(life.decide(.reloaded, at: self.at(2)) == [])
  }

  @Test func aReloadUnderWayIsFinishedBeforeADrainAndNotBeforeAStop() {
    var life = Lifecycle()
    _ = life.decide(.signal(.reload), at: self.at(0))
    #expect(life.decide(Self.quit, at: self.at(1)) == [.announceEnd])
    #expect(life.deadline == nil)
    #expect(life.decide(.reloaded, at: self.at(2)) == [.drain])

    var other = Lifecycle()
    _ = other.decide(.signal(.reload), at: self.at(0))
    #expect(other.decide(.signal(.terminate), at: self.at(1)) == [.stop(.terminated)])
    #expect(other.decide(.reloaded, at: self.at(2)) == [])
  }

  @Test func logsAreReopenedDuringADrain() {
    var life = Lifecycle()
    _ = life.decide(Self.quit, at: self.at(0))
    #expect(life.decide(.signal(.reopenLogs), at: self.at(0)) == [.reopenLogs])
  }

  @Test(arguments: [(0, nil), (0, 1), (5, 10), (-3, -1), (Int.max, Int.max)] as [(Int, Int?)])
  func numbersOfARequestStayInTheirBounds(wait: Int, limit: Int?) {
    let request = DrainRequest(waitSeconds: wait, limitSeconds: limit)
    #expect((0...Int(Int32.max)).contains(request.waitSeconds))
    if let seconds = request.limitSeconds { #expect((1...Int(Int32.max)).contains(seconds)) }
    #expect((request.limitSeconds == nil) == (limit == nil))
  }
}
