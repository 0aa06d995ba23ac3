// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// One of a route's `sources` or `destinations`.
struct NetworkCondition: Sendable, Hashable {
  let block: AddressBlock?
  let port: Int?

  init(_ network: RouteNetwork) throws(RuleFault) {
    if let ip = network.ip {
      guard let block = AddressBlock(ip) else { throw RuleFault(ip, "not an IP address or CIDR block") }
      self.block = block
    } else {
      self.block = nil
    }
    guard network.ip != nil || network.port != nil else { throw RuleFault("", "neither ip nor port given") }
    self.port = network.port
  }

  func matches(_ endpoint: RouteEndpoint) -> Bool {
    if let block, !block.contains(endpoint.address) { return false }
    if let port, port != Int(endpoint.port) { return false }
    return true
  }
}
