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
    if self.balancing.isUsed { self.balancing.failed(isTimeout: error.status == 504) }
  }

  /// A connection out of the pool turned out to be closed.
  func balancedTryWasStale() {
    if self.balancing.isUsed { self.balancing.wasStale() }
  }

  /// A service answered.
  func balancedTryAnswered(_ status: UInt16) {
    guard self.balancing.isUsed else { return }
    self.balancing.answered(Int(status))
    if let cookie = self.balancing.cookie { self.setHashCookie(cookie) }
  }

  /// The request is over, in whatever way.
  func endBalancing() {
    if self.balancing.isUsed { self.balancing.end(now: self.loop.now) }
  }

  /// In place of a cookie of that name that the service sets, as in Kong.
  private func setHashCookie(_ cookie: String) {
    self.hasTraces = true
    let prefix = Array(cookie.utf8.prefix { $0 != UInt8(ascii: "=") }) + [UInt8(ascii: "=")]
    let bytes = self.responseBytes
    var others: [String] = []
    for field in self.responseHead.fields where Int(field.name.count) == 10 {
      guard bytes[field.name].equalsIgnoringCase("set-cookie".utf8.span) else { continue }
      let value = bytes[field.value].array
      if !value.starts(with: prefix) { others.append(String(decoding: value, as: UTF8.self)) }
    }
    self.responseEdits.set("Set-Cookie", to: others + [cookie])
  }
}
