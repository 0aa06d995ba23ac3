// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Reads the nodes of a cluster from its system tables.
enum Hosts {
  /// Nodes that are looked at, at most.
  static let limit: Int32 = 5000

  /// The one that was asked comes first.
  static func read(local: CQLRows, address: String, peers: CQLRows) -> [HostInfo] {
    var hosts = [
      HostInfo(
        address: address, datacenter: local.value("data_center")?.text, rack: local.value("rack")?.text,
        tokens: Self.tokens(local.value("tokens")))
    ]
    for row in peers.rows.indices {
      // A row without an id or tokens is what was left of a node.
      guard case .uuid? = peers.value("host_id", row: row), let address = Self.address(peers, row),
        !hosts.contains(where: { $0.address == address })
      else { continue }
      hosts.append(
        HostInfo(
          address: address, datacenter: peers.value("data_center", row: row)?.text,
          rack: peers.value("rack", row: row)?.text, tokens: Self.tokens(peers.value("tokens", row: row))))
    }
    return hosts
  }

  /// Where a node takes clients; nodes that listen everywhere say so, and are reached where the others reach them.
  static func address(_ peers: CQLRows, _ row: Int) -> String? {
    if let address = peers.value("rpc_address", row: row)?.text, !InetText.isUnspecified(address) { return address }
    return peers.value("peer", row: row)?.text
  }

  private static func tokens(_ value: CQLValue?) -> [Int64] {
    guard case .texts(let texts)? = value else { return [] }
    return texts.compactMap { Int64($0) }
  }
}

extension CQLValue {
  /// nil for what is no text.
  var text: String? { if case .text(let text) = self { text } else { nil } }
}
