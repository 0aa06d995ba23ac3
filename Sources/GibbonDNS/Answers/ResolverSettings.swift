// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How names are resolved.
public struct ResolverSettings: Sendable {
  /// `address[:port]` of name servers; empty uses `/etc/resolv.conf`.
  public var servers: [String] = []
  /// Names that need no question.
  public var hosts = HostsFile("127.0.0.1 localhost\n::1 localhost")
  /// Kinds of records, asked for one after the other until one is found.
  public var order: [RecordKind] = [.srv, .a]
  /// The kind that was found the last time is asked for first.
  public var beginsWithLast = true
  /// SRV records are asked for only where the name is one of a service: `_service._protocol.name`.
  public var limitsServicesToServiceNames = false
  /// Seconds that replace every answer's own TTL; nil respects it.
  public var validTTL: Int?
  /// Seconds that an answer is used on after it expired, while no server says anything newer.
  public var staleTTL = 3600
  /// Seconds an answer "no such name" is remembered.
  public var notFoundTTL = 30
  /// Seconds any other failure is remembered.
  public var errorTTL = 1
  /// Answers remembered at most.
  public var cacheSize = 10_000

  public init() {}

  /// The kinds to ask for, for one name.
  func kinds(of name: String, last: RecordKind?) -> [RecordKind] {
    var kinds = self.order.isEmpty ? [.a] : self.order
    if self.limitsServicesToServiceNames {
      kinds.removeAll { $0 == .srv }
      if self.order.contains(.srv), Self.isServiceName(name) { kinds.insert(.srv, at: 0) }
      if kinds.isEmpty { kinds = [.a] }
    }
    if self.beginsWithLast, let last, let index = kinds.firstIndex(of: last), index > 0 {
      kinds.remove(at: index)
      kinds.insert(last, at: 0)
    }
    return kinds
  }

  /// `_http._tcp.example.com`
  private static func isServiceName(_ name: String) -> Bool {
    let labels = name.utf8.split(separator: UInt8(ascii: "."))
    return labels.count > 2 && labels[0].first == UInt8(ascii: "_") && labels[1].first == UInt8(ascii: "_")
  }
}
