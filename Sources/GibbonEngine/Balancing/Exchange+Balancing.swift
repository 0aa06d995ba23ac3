// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonPluginAPI

/// Told to the balancer and its health checks of the tries of a request. Nothing happens for services without an
/// upstream.
extension Exchange {
  /// A try ended before an answer began.
  func balancedTryFailed(_ error: GatewayError) {
    if self.attempt.balancing.isUsed { self.attempt.balancing.failed(isTimeout: error.status == 504) }
  }

  /// A connection out of the pool turned out to be closed.
  func balancedTryWasStale() {
    if self.attempt.balancing.isUsed { self.attempt.balancing.wasStale() }
  }

  /// A service answered.
  func balancedTryAnswered(_ status: UInt16) {
    guard self.attempt.balancing.isUsed else { return }
    self.attempt.balancing.answered(Int(status))
    if let cookie = self.attempt.balancing.cookie { self.setHashCookie(cookie) }
  }

  /// The request is over, in whatever way.
  func endBalancing() {
    if self.attempt.balancing.isUsed { self.attempt.balancing.end(now: self.loop.now) }
  }

  /// In place of a cookie of that name that the service sets, as in Kong.
  private func setHashCookie(_ cookie: String) {
    self.hasTraces = true
    let prefix = Array(cookie.utf8.prefix { $0 != UInt8(ascii: "=") }) + [UInt8(ascii: "=")]
    let bytes = self.response.bytes
    var others: [String] = []
    for field in self.response.head.fields where Int(field.name.count) == 10 {
      guard bytes[field.name].equalsIgnoringCase("set-cookie".utf8.span) else { continue }
      let value = bytes[field.value].array
      if !value.starts(with: prefix) { others.append(String(decoding: value, as: UTF8.self)) }
    }
    self.response.edit { $0.set("Set-Cookie", to: others + [cookie]) }
  }
}
