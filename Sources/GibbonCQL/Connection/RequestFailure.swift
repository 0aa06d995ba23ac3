// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a request got no answer, by what that says about whether it was done.
enum RequestFailure: Error, Sendable, Hashable {
  /// No byte of it left.
  case notSent(String)
  /// It left, and the connection ended.
  case lost(String)
  /// It left, and nothing came in time.
  case timedOut
  /// What came is not the protocol.
  case malformed(String)
  /// It could not be put into words for this version of the protocol.
  case unsayable(CQLError)
}
