// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonHTTP1
internal import GibbonPluginAPI

/// The tries at the service: how many, and whether there may be another one.
final class Attempt {
  let balancing = BalancedAttempt()
  var parser: ResponseHeadParser
  var tries = 0
  /// Tries that the service refused without having done anything.
  var unprocessed: UInt8 = 0
  /// The request may be carried out twice without harm, or has not been sent.
  var isRetrySafe = true
  var interimResponses = 0
  /// An interim response already said that nothing may follow on the service's connection.
  var isUpstreamSpent = false
  /// When the latest try began, in the loop's milliseconds; 0 before the first.
  var startedAt: UInt64 = 0
  /// Kept where a plugin logs.
  private(set) var log: [UpstreamTry] = []

  init(parser: ResponseHeadParser) { self.parser = parser }

  func reset() {
    self.tries = 0
    self.unprocessed = 0
    self.isRetrySafe = true
    self.interimResponses = 0
    self.startedAt = 0
  }

  func resetTraces() { self.changeLog { $0.removeAll(keepingCapacity: true) } }

  @inline(__always)
  func changeLog(_ change: (inout [UpstreamTry]) -> Void) {
    var log: [UpstreamTry] = []
    swap(&log, &self.log)
    change(&log)
    swap(&log, &self.log)
  }
}
