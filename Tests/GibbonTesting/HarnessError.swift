// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What went wrong in the harness or at the other end of a socket, in words a failed test can show.
public struct HarnessError: Error, CustomStringConvertible, Equatable {
  /// The kinds a test may want to tell apart.
  public enum Kind: Sendable, Equatable {
    /// The deadline passed.
    case timedOut
    /// The peer closed before the expected bytes came.
    case closed
    /// The peer reset the connection, or the connection was refused.
    case reset
    /// The bytes received are not what the protocol asks for.
    case malformed
    /// The gateway did not start, or the harness could not do its work.
    case failed
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
