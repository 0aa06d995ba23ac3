// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// Where a message's body stands: which of the bytes that arrive belong to it, and whether it is over.
struct MessageBody {
  private(set) var framing = BodyFraming.none
  private var remaining: UInt64 = 0
  private var decoder: ChunkedDecoder
  /// Somebody else says where it ends: what arrives is content, and nothing else.
  private var isDelimited = false
  private(set) var isComplete = true

  /// - Parameter isLoose: the sender is a service.
  init(limits: HeadLimits, isLoose: Bool) { self.decoder = ChunkedDecoder(limits: limits, isLoose: isLoose) }

  /// A piece of what arrived.
  enum Piece {
    /// Payload in this range of the input.
    case data(Range<Int>)
    /// The body is over; the rest of the input from here is something else.
    case end(Int)
    /// Everything was taken; more must arrive.
    case needMoreData
    case failed(HeadError)
  }

  /// - Parameter limits: what holds now. They may be others than those of the last body that was read with this.
  /// - Parameter isDelimited: what is handed in is content, and `finish` ends it, as over HTTP/2.
  mutating func begin(_ framing: BodyFraming, limits: @autoclosure () -> HeadLimits, isDelimited: Bool) {
    self.framing = framing
    self.isDelimited = isDelimited
    self.remaining = 0
    switch framing {
    case .none: self.isComplete = true
    case .contentLength(let length):
      self.remaining = length
      self.isComplete = length == 0
    case .chunked:
      self.decoder.reset(limits: limits())
      self.isComplete = false
    case .untilClose: self.isComplete = false
    }
  }

  /// The next piece of `input` from `offset` on.
  mutating func next(_ input: Span<UInt8>, from offset: Int) -> Piece {
    if self.isComplete { return .end(offset) }
    switch self.framing {
    case .none: return .end(offset)
    case .contentLength:
      guard offset < input.count else { return .needMoreData }
      let count = Int(min(UInt64(input.count &- offset), self.remaining))
      self.remaining &-= UInt64(count)
      if self.remaining == 0 { self.isComplete = true }
      return .data(offset..<offset &+ count)
    case .untilClose: return offset < input.count ? .data(offset..<input.count) : .needMoreData
    case .chunked where self.isDelimited: return offset < input.count ? .data(offset..<input.count) : .needMoreData
    case .chunked:
      switch self.decoder.next(input, from: offset) {
      case .needMoreData: return .needMoreData
      case .data(let range): return .data(range)
      case .end(let end):
        self.isComplete = true
        return .end(end)
      case .failed(let error): return .failed(error)
      }
    }
  }

  /// It is over, as whoever delimits it says.
  mutating func finish() { self.isComplete = true }

  /// The trailers that come with the end, as field lines.
  mutating func take(trailerLines: Span<UInt8>) { self.decoder.take(trailerLines: trailerLines) }

  /// The connection ended: fine for a body that ends so, too early for any other.
  mutating func endOfInput() -> Bool {
    if case .untilClose = self.framing { self.isComplete = true }
    return self.isComplete
  }

  /// Bytes of the trailer section of a chunked body that is over, the empty line at its end left out.
  var trailerBytes: Int {
    if case .chunked = self.framing { max(0, self.decoder.trailers.bytes.count - 2) } else { 0 }
  }

  /// Its lines ended with a bare LF: nothing may follow on the connection it came from.
  var hasBareLineFeed: Bool {
    if case .chunked = self.framing { self.decoder.hasBareLineFeed } else { false }
  }

  /// The trailers of a chunked body that is over.
  var trailers: TrailerSection { self.decoder.trailers }
}
