// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// The kinds of records that lead to an address. `CNAME` records are followed in answers of the others.
public enum RecordKind: String, Sendable, Hashable, CaseIterable {
  case a = "A"
  case aaaa = "AAAA"
  case srv = "SRV"
}

/// One place that a name stands for.
public struct DNSEndpoint: Sendable, Hashable {
  public let address: IPAddress
  /// Of an SRV record; nil when the name says nothing of it, or 0.
  public let port: UInt16?
  /// Of an SRV record, 1 at least; nil when the name says nothing of it.
  public let weight: Int?
  /// The name an SRV record gives for the address.
  public let name: String?

  public init(_ address: IPAddress, port: UInt16? = nil, weight: Int? = nil, name: String? = nil) {
    self.address = address
    self.port = port
    self.weight = weight
    self.name = name
  }
}

/// What is known of a name.
public struct DNSAnswer: Sendable, Equatable {
  public enum Outcome: Sendable, Equatable {
    /// At least one, and the kind of record that said so.
    case found([DNSEndpoint], RecordKind)
    /// Kong's words: `dns server error: 3 name error`…
    case failed(String)
  }

  public let outcome: Outcome
  /// Milliseconds of the monotonic clock until which this holds; then the name is asked for again.
  public let expiresAt: UInt64
  /// Until when it may be used while nothing newer can be had; not before `expiresAt`.
  public let usableUntil: UInt64

  public init(outcome: Outcome, expiresAt: UInt64, usableUntil: UInt64? = nil) {
    self.outcome = outcome
    self.expiresAt = expiresAt
    self.usableUntil = max(expiresAt, usableUntil ?? expiresAt)
  }

  /// None for a failure.
  public var endpoints: [DNSEndpoint] {
    if case .found(let endpoints, _) = self.outcome { endpoints } else { [] }
  }
}
