// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How the end of a message's content is found (RFC 9112, section 6.3).
@frozen
public enum BodyFraming: Sendable, Equatable {
  case none
  /// Bytes; never more than `Int64.max`.
  case contentLength(UInt64)
  case chunked
  /// Responses only: the content ends where the connection does.
  case untilClose
}
