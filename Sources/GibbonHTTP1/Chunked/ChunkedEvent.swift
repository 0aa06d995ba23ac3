// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a chunked body holds next.
@frozen
public enum ChunkedEvent: Sendable, Equatable {
  /// Every byte from the offset on has been taken in.
  case needMoreData
  /// Content, as a place in the input; go on at its end.
  case data(Range<Int>)
  /// The body is over; the offset of the first byte after it. The trailers can be read.
  case end(Int)
  /// Nothing after this can be trusted: close the connection.
  case failed(HeadError)
}
