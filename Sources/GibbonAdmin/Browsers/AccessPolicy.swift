// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Which requests an API takes, so that no web page reaches it that was not invited.
///
/// A browser sends what any page tells it to, to this machine too, and puts the page's origin into `Origin` and
/// `Sec-Fetch-Site`. A name of the page's own that suddenly resolves to 127.0.0.1 makes the request one of the same
/// origin (DNS rebinding), which the name in `Host` gives away. Programs that are no browsers send neither of the two
/// fields, and notice nothing.
struct AccessPolicy: Sendable {
  /// Origins that may call, such as the web manager's.
  let origins: Set<Origin>
  /// The first of them, which answers to others than browsers name, as Kong's do.
  private let firstOrigin: Origin?
  /// Hosts that are this node's besides those of the loopback.
  let hosts: Set<String>
  /// Whether `hosts` was given, so that it counts on every address.
  private let namesHosts: Bool

  /// - Parameters:
  ///   - origins: URLs; what is none allows nothing.
  ///   - hosts: without ports.
  ///   - ownName: the host that the API listens on.
  init(origins: [String], hosts: [String], ownName: String? = nil) {
    self.origins = Set(origins.compactMap { Origin($0) })
    self.firstOrigin = origins.lazy.compactMap { Origin($0) }.first
    self.namesHosts = !hosts.isEmpty
    self.hosts = Set((hosts + (ownName.map { [$0] } ?? [])).compactMap { Authority($0)?.host })
  }

  /// The answer to a request that is not taken; nil for one that is.
  ///
  /// - Parameter isOnLoopback: whether the API listens for this machine only.
  func refusal(of head: ReceivedHead, isOnLoopback: Bool) -> AdminResponse? {
    if let host = head.host, isOnLoopback || self.namesHosts, !self.isOwn(host) {
      return .message(
        "The Host '\(host)' is not one of this API's: call it by a loopback address, or list the name in the property "
          + "admin_allowed_hosts", status: 403)
    }
    let origins = head.values("origin")
    if origins.contains(where: { !self.allows($0) }) {
      return .message(
        "The Origin '\(origins.joined(separator: ", "))' may not call this API: list it in the property "
          + "admin_allowed_origins", status: 403)
    }
    // A page of an origin that may call says so; others are told by the browser.
    if origins.isEmpty, head.values("sec-fetch-site").contains(where: { $0 != "same-origin" && $0 != "none" }) {
      return .message("Pages of other sites may not call this API", status: 403)
    }
    return nil
  }

  private func isOwn(_ host: String) -> Bool {
    guard let authority = Authority(host) else { return false }
    return authority.isLoopback || self.hosts.contains(authority.host)
  }

  private func allows(_ origin: String) -> Bool { Origin(field: origin).map(self.origins.contains) ?? false }

  /// The fields that let the page of an allowed origin see the answer. Others get none, and nobody gets a wildcard.
  func fields(for head: ReceivedHead) -> [(name: String, value: String)] {
    guard let first = self.firstOrigin else { return [] }
    let given = head.values("origin")
    guard let origin = given.isEmpty ? first.text : given.first(where: self.allows) else {
      return [("Vary", "Origin")]
    }
    var fields = [
      ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin"),
    ]
    // A page from the Internet asks before it calls an address of a private network.
    if head.method == "OPTIONS", head.values("access-control-request-private-network").contains("true") {
      fields.append(("Access-Control-Allow-Private-Network", "true"))
    }
    return fields
  }
}
