// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

/// Reads the chunked transfer coding (RFC 9112, section 7.1) from pieces cut anywhere. Content is
/// never copied; chunk extensions are checked and dropped; trailers are kept.
///
/// What a service sends may be looser than what a client does: white space behind a size, anything printable for
/// extensions, lines ended by a bare LF. None of that changes where content begins and ends.
public struct ChunkedDecoder: Sendable {
  /// The place in the grammar where the last piece ended.
  enum State: UInt8 {
    case sizeStart, size
    case beforeExtension, extensionNameStart, extensionName, afterExtensionName
    case extensionValueStart, extensionToken, extensionQuoted, extensionEscape, afterExtensionQuoted, looseExtension
    case sizeLineFeed
    case data, dataReturn, dataLineFeed
    case trailers, end, failed
  }

  private(set) var limits: HeadLimits
  /// The sender is a service.
  let isLoose: Bool
  var state = State.sizeStart
  var digits: UInt8 = 0
  /// The size of the chunk while it is read, then what is left of its data.
  var remaining: UInt64 = 0
  /// The extensions of this chunk.
  var extensionBytes = 0
  /// All content so far, and all extensions so far: many tiny chunks with long extensions make work
  /// for nothing.
  var contentBytes = 0
  var allExtensionBytes = 0
  /// The start of the unfinished line in the trailer section's bytes.
  var trailerLine = 0
  var failure = HeadError(.invalidChunkSize)

  /// A line of a loose body ended with a bare LF: nothing may follow on that connection.
  public internal(set) var hasBareLineFeed = false

  /// The trailers, once `end` was said.
  public internal(set) var trailers = TrailerSection()

  /// - Parameter isLoose: the sender is a service.
  public init(limits: HeadLimits, isLoose: Bool = false) {
    self.limits = limits
    self.isLoose = isLoose
  }

  /// Makes ready for another body and keeps the memory.
  public mutating func reset() { self.reset(limits: self.limits) }

  /// Makes ready for another body, with other limits, and keeps the memory.
  public mutating func reset(limits: HeadLimits) {
    var trailers = self.trailers
    self = ChunkedDecoder(limits: limits, isLoose: self.isLoose)
    trailers.reset()
    self.trailers = trailers
  }

  /// What comes at `offset` of `input`. Go on with the same input after `data`, with the next piece
  /// after `needMoreData`; `end` and `failed` are repeated until `reset()`.
  public mutating func next(_ input: Span<UInt8>, from offset: Int) -> ChunkedEvent {
    var index = max(0, offset)
    while index < input.count {
      switch self.state {
      case .data: return self.takeData(from: index, to: input.count)
      case .end: return .end(index)
      case .failed: return .failed(self.failure)
      case .trailers:
        guard let event = self.takeTrailers(input, &index) else { continue }
        return event
      default:
        if let kind = self.take(input[index]) { return self.fail(kind) }
        index &+= 1
      }
    }
    switch self.state {
    case .end: return .end(index)
    case .failed: return .failed(self.failure)
    default: return .needMoreData
    }
  }

  private mutating func takeData(from index: Int, to end: Int) -> ChunkedEvent {
    let count = Int(min(UInt64(end &- index), self.remaining))
    self.remaining &-= UInt64(count)
    // Safe: wraps only after 2^63 bytes.
    self.contentBytes &+= count
    if self.remaining == 0 { self.state = .dataReturn }
    return .data(index..<index &+ count)
  }

  mutating func fail(_ kind: HeadError.Kind) -> ChunkedEvent {
    self.failure = HeadError(kind)
    self.state = .failed
    return .failed(self.failure)
  }
}
