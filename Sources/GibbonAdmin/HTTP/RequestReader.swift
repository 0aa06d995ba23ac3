// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// Cuts what arrives on a connection into heads and bodies. Knows no sockets and no clock.
struct RequestReader: Sendable {
  enum HeadOutcome {
    case needsMore
    case whole(ReceivedHead)
    case failed(HeadError)
  }

  enum BodyOutcome {
    case needsMore
    case whole([UInt8])
    case tooLarge
    case failed(HeadError)
  }

  private var input: [UInt8] = []
  private var parser: RequestHeadParser
  private var head = RequestHead()
  /// Whether the request line has been looked at for bytes beyond ASCII, and how many bytes hold no end of it.
  private var hasLine = false
  private var scanned = 0
  private var body: [UInt8] = []
  private var chunks: ChunkedDecoder
  /// Bytes of the largest body.
  private let bodyLimit: Int
  private let limits: HeadLimits

  init(bodyLimit: Int, limits: HeadLimits = .nginx) {
    self.bodyLimit = bodyLimit
    self.limits = limits
    self.parser = RequestHeadParser(limits: limits)
    self.chunks = ChunkedDecoder(limits: limits)
  }

  /// Whether nothing has arrived of what is next.
  var isEmpty: Bool { self.input.isEmpty }
  /// Bytes of the body that is being read.
  var bodyCount: Int { self.body.count }

  mutating func append(_ bytes: some Sequence<UInt8>) { self.input.append(contentsOf: bytes) }

  /// The head that comes next. After `whole` its body, if it has one, must be read.
  mutating func nextHead() -> HeadOutcome {
    guard self.prepareLine() else { return .needsMore }
    let input = self.input
    switch self.parser.parse(input.span, into: &self.head) {
    case .needMoreData: return .needsMore
    case .failed(let error): return .failed(error)
    case .complete(let count):
      let received = ReceivedHead(self.head, in: input.span)
      self.input.removeFirst(count)
      self.parser.reset()
      self.hasLine = false
      self.scanned = 0
      self.body = []
      self.chunks.reset()
      return .whole(received)
    }
  }

  /// Bytes beyond ASCII in a target are sent by people and scripts: they stand for themselves, percent-encoded. What is
  /// no UTF-8 is refused where it is used, in Kong's words.
  ///
  /// - Returns: false while the request line may still grow.
  private mutating func prepareLine() -> Bool {
    if self.hasLine { return true }
    let start = self.input.firstIndex { $0 != .carriageReturn && $0 != .lineFeed } ?? self.input.count
    guard let end = self.input[max(start, self.scanned)...].firstIndex(of: .lineFeed) else {
      self.scanned = self.input.count
      return self.input.count >= self.limits.requestLineBytes + start
    }
    self.hasLine = true
    self.scanned = 0
    let line = self.input[start..<end]
    if line.contains(where: { $0 >= 0x80 }) {
      self.input.replaceSubrange(start..<end, with: line.flatMap { $0 < 0x80 ? [$0] : $0.percentEscape })
    }
    return true
  }

  /// The content that `framing` announces, whole.
  mutating func nextBody(_ framing: BodyFraming) -> BodyOutcome {
    switch framing {
    case .none, .untilClose: return .whole([])
    case .contentLength(let length):
      guard length <= UInt64(self.bodyLimit) else { return .tooLarge }
      if self.body.isEmpty { self.body.reserveCapacity(Int(length)) }
      let count = min(self.input.count, Int(length) - self.body.count)
      self.body.append(contentsOf: self.input[..<count])
      self.input.removeFirst(count)
      return self.body.count == Int(length) ? .whole(self.takenBody()) : .needsMore
    case .chunked: return self.nextChunks()
    }
  }

  private mutating func nextChunks() -> BodyOutcome {
    let input = self.input
    var offset = 0
    while true {
      switch self.chunks.next(input.span, from: offset) {
      case .needMoreData:
        self.input = []
        return .needsMore
      case .failed(let error): return .failed(error)
      case .data(let range):
        guard self.body.count + range.count <= self.bodyLimit else { return .tooLarge }
        self.body.append(contentsOf: input[range])
        offset = range.upperBound
      case .end(let end):
        self.input.removeFirst(end)
        return .whole(self.takenBody())
      }
    }
  }

  private mutating func takenBody() -> [UInt8] {
    defer { self.body = [] }
    return self.body
  }
}
