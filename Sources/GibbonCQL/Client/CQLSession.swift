// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A keyspace of a cluster, however many nodes answer for it. Thread-safe; never blocks.
public protocol CQLSession: Sendable {
  /// Runs one statement.
  func execute(_ statement: CQLStatement) async throws(CQLError) -> CQLRows

  /// Runs statements as one batch. The first one's consistency, timestamp and idempotence count for all.
  func batch(_ statements: [CQLStatement], _ kind: CQLBatchKind) async throws(CQLError)

  /// Waits until all nodes that are up have the same schema.
  func awaitSchemaAgreement() async throws(CQLError)

  /// Lets what is under way end, and closes all connections.
  func close() async
}

/// Why a statement was not done, or is not known to have been done.
public enum CQLError: Error, Sendable, Hashable {
  /// No node could be asked: none is up, or all are too busy. Nothing was done.
  case unavailable(String)
  /// Too few replicas are up for the consistency level, or they take no more. Nothing was done; but of a statement with
  /// a condition, an earlier round may have left a proposal that another node finishes.
  case tooFewReplicas(String)
  /// It may have been done: a replica or the connection did not answer in time.
  case unknownOutcome(String)
  /// The server refused it, with its code (protocol v4, section 9) and words.
  case refused(code: Int32, String)
  /// What came is not the protocol.
  case malformed(String)
}
