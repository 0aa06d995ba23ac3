// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore

/// How to reach a cluster, and what holds for statements that say nothing else.
public struct CQLSettings: Sendable {
  /// Hosts to ask first; the others are found through them.
  public var contactPoints: [String] = ["127.0.0.1"]
  /// The port that all nodes listen on.
  public var port = 9042
  /// Used on every connection; nil leaves names to be qualified.
  public var keyspace: String?
  /// Sent only where the cluster asks for them.
  public var username: String?
  public var password: String?
  public var tls = CQLTransportSecurity.off
  /// For connecting, and for a statement with all its tries.
  public var timeoutMilliseconds = 5000
  public var readConsistency = CQLConsistency.one
  public var writeConsistency = CQLConsistency.one
  public var balancing = CQLBalancing.requestRoundRobin
  /// For the policies that prefer one; nil takes that of the first node that answers.
  public var localDatacenter: String?
  public var schemaConsensusTimeoutMilliseconds = 10_000
  /// Rows of a page, for reads that say nothing else.
  public var pageSize: Int32 = 1000
  /// Newer versions of the protocol are not spoken, even if both sides could.
  public var highestVersion = CQLVersion.v5

  public init() {}

  /// At least a millisecond, at most a day: what the clocks below can count.
  static func amount(_ milliseconds: Int) -> TimeAmount { .milliseconds(Int64(max(1, min(milliseconds, 86_400_000)))) }
  var timeout: TimeAmount { Self.amount(self.timeoutMilliseconds) }
}

/// How nodes are chosen, by Kong's names. A node that has the row is asked first by all of them.
public enum CQLBalancing: String, Sendable, Hashable {
  /// Each statement to the next node. In Kong the `Request` ones stay with a node for one request of a client; a
  /// datastore's statements belong to no request here, so both are the same.
  case roundRobin = "RoundRobin"
  case requestRoundRobin = "RequestRoundRobin"
  /// The nodes of the local data centre first.
  case dcAwareRoundRobin = "DCAwareRoundRobin"
  case requestDCAwareRoundRobin = "RequestDCAwareRoundRobin"

  var prefersDatacenter: Bool { self == .dcAwareRoundRobin || self == .requestDCAwareRoundRobin }
}

/// Whether connections are encrypted, and whether the node's certificate must be right.
public enum CQLTransportSecurity: Sendable, Hashable {
  case off
  case unverified
  /// `authorities` are PEM files; none takes the system's. The name or the address of the node must be in the
  /// certificate if `checksNames`.
  case verified(authorities: [String] = [], checksNames: Bool = true)
}

/// A version of the native protocol that this client speaks.
public enum CQLVersion: UInt8, Sendable, Hashable, Comparable, CaseIterable {
  case v3 = 3
  case v4 = 4
  case v5 = 5

  public static func < (left: CQLVersion, right: CQLVersion) -> Bool { left.rawValue < right.rawValue }
}
