// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import GibbonTLS

/// One address requests go to, and this loop's idle connections to it: those without TLS, or those that were verified
/// in one way and for one name.
///
/// Confined to its loop.
final class Peer {
  /// How TLS is spoken.
  struct Security {
    let context: TLSClientContext
    /// Of the server, which its certificate must be for.
    let name: String
    /// The same as it is told to the server; nil where it is not.
    let serverName: String?
  }

  private struct SecurityKey: Hashable {
    let context: ObjectIdentifier
    let name: String
  }

  let address: SocketAddress
  let security: Security?
  /// Nobody finds it again: a connection that is done is closed.
  private let isTransient: Bool
  private var idle: [UpstreamConnection] = []
  /// Connections of HTTP/2 that take more streams.
  private var shared: [HTTP2UpstreamConnection] = []
  /// The same address spoken to in TLS.
  private var secured: [SecurityKey: Peer] = [:]

  /// Names may come from requests: what is remembered of them has a bound.
  private static let securedLimit = 64

  init(address: SocketAddress, security: Security? = nil, isTransient: Bool = false) {
    self.address = address
    self.security = security
    self.isTransient = isTransient
  }

  /// No connection waits to be used again.
  var isUnused: Bool { self.idle.isEmpty && self.shared.isEmpty && self.secured.values.allSatisfy(\.isUnused) }

  /// The same address, spoken to in TLS.
  func secured(by context: TLSClientContext, name: String, sendsName: Bool) -> Peer {
    let key = SecurityKey(context: ObjectIdentifier(context), name: name)
    if let known = self.secured[key] { return known }
    if self.secured.count >= Self.securedLimit { self.secured = self.secured.filter { !$0.value.isUnused } }
    let isTransient = self.secured.count >= Self.securedLimit
    let made = Peer(
      address: self.address, security: Security(context: context, name: name, serverName: sendsName ? name : nil),
      isTransient: isTransient)
    if !isTransient { self.secured[key] = made }
    return made
  }

  /// The connection that was used last, which is the one least likely to be stale.
  func takeIdle() -> UpstreamConnection? {
    while let connection = self.idle.last {
      self.removeLast()
      connection.idleIndex = -1
      // What waits to be read belongs to an answer that was over, or says that the service has closed.
      if connection.isOpen, !connection.isPeerClosed, !connection.hasInput { return connection }
      connection.close()
    }
    return nil
  }

  /// A connection of HTTP/2 that has room for another exchange; a new one where none has.
  func sharedConnection(_ worker: Worker) throws(SystemError) -> HTTP2UpstreamConnection {
    if let known = self.shared.first(where: { $0.hasRoom }) { return known }
    let made = try HTTP2UpstreamConnection(
      loop: worker.loop, peer: self, settings: worker.upstreamSettings, limits: worker.serviceLimits)
    if !self.isTransient { self.shared.append(made) }
    return made
  }

  /// No more streams shall begin on it.
  func forget(_ connection: HTTP2UpstreamConnection) { self.shared.removeAll { $0 === connection } }

  /// Keeps a connection for later; the oldest makes room.
  func keep(_ connection: UpstreamConnection, limit: Int) {
    if self.isTransient { return connection.close() }
    if self.idle.count >= limit, let oldest = self.idle.first {
      self.remove(oldest)
      oldest.close()
    }
    connection.idleIndex = self.idle.count
    self.change { $0.append(connection) }
  }

  private func removeLast() { self.change { $0.removeLast() } }

  /// As in `Exchange+Held`.
  @inline(__always)
  private func change(_ change: (inout [UpstreamConnection]) -> Void) {
    var idle: [UpstreamConnection] = []
    swap(&idle, &self.idle)
    change(&idle)
    swap(&idle, &self.idle)
  }

  func remove(_ connection: UpstreamConnection) {
    let index = connection.idleIndex
    guard index >= 0, index < self.idle.count, self.idle[index] === connection else { return }
    let last = self.idle.count - 1
    if index < last {
      let moved = self.idle[last]
      moved.idleIndex = index
      self.change { $0[index] = moved }
    }
    self.removeLast()
    connection.idleIndex = -1
  }
}
