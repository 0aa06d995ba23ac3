// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A statement with its bound values, and how the cluster shall treat it.
public struct CQLStatement: Sendable, Hashable {
  /// Prepared once per connection under this text: keep values out of it.
  public var text: String
  /// For the `?` of the text, in order.
  public var values: [CQLValue]
  /// nil takes the session's level for reads or writes.
  public var consistency: CQLConsistency?
  /// Of a condition (`IF …`): serial or local serial.
  public var serialConsistency: CQLConsistency?
  /// Rows of a page; nil takes the session's.
  public var pageSize: Int32?
  public var pagingState: [UInt8]?
  /// Microseconds; nil leaves it to the node that is asked.
  public var timestamp: Int64?
  /// Whether it may be sent again when it is not known if it was done.
  public var isIdempotent = false
  /// DDL, or what must not be prepared: sent as it is, without values.
  public var isPrepared = true

  public init(_ text: String, _ values: [CQLValue] = []) {
    self.text = text
    self.values = values
  }
}

/// How many replicas must answer.
public enum CQLConsistency: UInt16, Sendable, Hashable {
  case any = 0, one, two, three, quorum, all, localQuorum, eachQuorum, serial, localSerial, localOne
}

/// How a batch is kept together (protocol v4, section 4.1.7).
public enum CQLBatchKind: UInt8, Sendable, Hashable { case logged = 0, unlogged, counter }
