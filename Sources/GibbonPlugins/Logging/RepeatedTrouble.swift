// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import Synchronization

/// A trouble that comes with every request while it lasts, such as a store that is away: told at once, then at most every
/// ten seconds with how often it came.
final class RepeatedTrouble: Sendable {
  private struct State {
    var toldAt: ContinuousClock.Instant?
    var untold = 0
  }

  static let interval = Duration.seconds(10)

  private let environment: PluginEnvironment
  private let state = Mutex(State())

  init(_ environment: PluginEnvironment) { self.environment = environment }

  /// - Parameters:
  ///   - text: what went wrong, and with which server.
  ///   - names: of the request's route; nil where it concerns no request.
  func report(_ text: @autoclosure () -> String, names: MatchedNames? = nil, now: ContinuousClock.Instant = .now) {
    let untold = self.state.withLock { state -> Int? in
      if let toldAt = state.toldAt, now - toldAt < Self.interval {
        state.untold += 1
        return nil
      }
      defer { state = State(toldAt: now) }
      return state.untold
    }
    guard let untold else { return }
    let route = names.map { ", route: \"\($0.routeName ?? "\($0.routeID)")\"" } ?? ""
    let others = untold > 0 ? ", and \(untold) times more since the last line like this" : ""
    self.environment.report(.error, "\(text())\(route)\(others)")
  }
}
