// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a head parser says of the bytes it has seen.
@frozen
public enum ParseResult: Sendable, Equatable {
  /// Call again with the same bytes and more after them.
  case needMoreData
  /// The head is whole; the count of its bytes, with the final empty line. The content follows.
  case complete(Int)
  /// The message cannot be read. The connection must be closed after the answer.
  case failed(HeadError)
}
