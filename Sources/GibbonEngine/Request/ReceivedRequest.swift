// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonPluginAPI

/// A request as it was received: the client's bytes, and who sent them. Filled by the client's side before the first
/// phase, and not changed after that.
final class ReceivedRequest {
  private(set) var bytes = ByteBuffer()
  private(set) var head = RequestHead()
  /// The path with dot segments resolved, slashes merged and escapes decoded; empty when it equals the raw path.
  private(set) var normalizedPath = ByteBuffer()
  /// Used while the head comes in pieces.
  var parser: RequestHeadParser
  var id: (UInt64, UInt64) = (0, 0)
  /// In the loop's milliseconds.
  var startedAt: UInt64 = 0
  var startedWallMicroseconds: UInt64 = 0
  /// The client spoke TLS.
  var isEncrypted = false
  /// What arrived was no request.
  var isRefused = false
  var peer: IPAddress?
  var peerPort: UInt16 = 0
  /// The client's, as a trusted peer says; else the peer's.
  var clientAddress: IPAddress?
  var clientPort: UInt16 = 0
  /// The port clients connect to.
  var publicPort: UInt16 = 0
  var isPeerTrusted = false

  init(parser: RequestHeadParser) { self.parser = parser }

  var scheme: RequestScheme { self.isEncrypted ? .https : .http }

  var isSmall: Bool { self.bytes.capacity <= 16 * 1024 }

  /// Forgets the request and keeps the memory.
  func reset() {
    self.isRefused = false
    var bytes = ByteBuffer()
    swap(&bytes, &self.bytes)
    bytes.clear()
    swap(&bytes, &self.bytes)
    if !self.normalizedPath.isEmpty { self.normalizedPath = ByteBuffer() }
    // Also what a head that is refused early would leave of the one before it.
    var head = RequestHead()
    swap(&head, &self.head)
    head.reset()
    swap(&head, &self.head)
  }

  // MARK: Filling

  func parse(_ input: Span<UInt8>, _ parser: inout RequestHeadParser) -> ParseResult {
    var head = RequestHead()
    swap(&head, &self.head)
    let result = parser.parse(input, into: &head)
    swap(&head, &self.head)
    return result
  }

  func keep(_ input: Span<UInt8>) {
    var held = ByteBuffer()
    swap(&held, &self.bytes)
    held.append(input)
    swap(&held, &self.bytes)
  }

  /// A head that another codec has read.
  func take(_ fill: (inout ByteBuffer, inout RequestHead) -> Void) {
    var bytes = ByteBuffer()
    var head = RequestHead()
    swap(&bytes, &self.bytes)
    swap(&head, &self.head)
    fill(&bytes, &head)
    swap(&bytes, &self.bytes)
    swap(&head, &self.head)
  }

  /// - Returns: what is wrong with the path.
  func normalizePath() -> PathFlaws {
    let bytes = self.bytes
    let path = bytes[self.head.path]
    if self.head.form == .asterisk || PathNormalizer.isNormal(path) { return [] }
    var normal = ByteBuffer()
    swap(&normal, &self.normalizedPath)
    let flaws = PathNormalizer.normalize(path, into: &normal)
    swap(&normal, &self.normalizedPath)
    return flaws
  }

  // MARK: Reading

  /// The content is gRPC's, and not that of gRPC-Web.
  var hasGRPCType: Bool {
    guard let field = self.head.first(.contentType) else { return false }
    let bytes = self.bytes
    let type = bytes[field.value]
    guard type.count >= 16, type.extracting(0..<16).equalsIgnoringCase("application/grpc") else { return false }
    return type.count == 16 || type[16] != UInt8(ascii: "-")
  }

  /// The client is told of errors in gRPC's terms.
  var isGRPC: Bool { self.head.version == .http2 && self.hasGRPCType }

  func locateHeader(_ lowercased: [UInt8]) -> (value: ByteRange, count: Int) {
    let bytes = self.bytes
    let name = lowercased.span
    var first = ByteRange.empty
    var count = 0
    for field in self.head.fields where Int(field.name.count) == name.count {
      guard bytes[field.name].equalsIgnoringCase(name) else { continue }
      if count == 0 { first = field.value }
      count &+= 1
    }
    return (first, count)
  }

  /// Bytes of the head as it was sent, of which a gathered one has more behind it.
  var headCount: Int {
    let bytes = self.bytes
    let span = bytes.span
    var index = max(self.head.target.upperBound, self.head.fields.last?.value.upperBound ?? 0)
    while index < span.count {
      index += 1
      guard span[index - 1] == .lineFeed else { continue }
      if index < span.count, span[index] == .carriageReturn { index += 1 }
      if index < span.count, span[index] == .lineFeed { return index + 1 }
    }
    return span.count
  }

  /// `Connection: x-private` takes the field `X-Private` off the message (RFC 9110 section 7.6.1).
  func isNamedByConnection(_ name: Span<UInt8>) -> Bool {
    let bytes = self.bytes
    return HopFields.isNamed(name, in: self.head.fields, bytes)
  }
}
