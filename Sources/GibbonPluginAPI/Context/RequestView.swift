// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonHTTP1

/// What the client sent (`kong.request`). Headers show the changes made by plugins so far, as they do
/// in Kong.
public struct RequestView {
  private let backend: any RequestBackend

  init(_ context: RequestContext) { self.backend = context.backend }

  public var method: String { self.backend.headBytes.string(self.backend.head.methodName) }

  public func isMethod(_ name: StaticString) -> Bool {
    let bytes = self.backend.headBytes
    return bytes[self.backend.head.methodName].equals(name)
  }

  /// 1.0 or 1.1.
  public var httpVersion: Double {
    switch self.backend.head.version {
    case .http10: 1.0
    case .http11: 1.1
    case .http2: 2.0
    }
  }

  /// How the request reached this node.
  public var scheme: RequestScheme { self.backend.requestScheme }
  /// Of the client's connection to the gateway; nil without TLS.
  public var security: ClientSecurity? { self.backend.clientSecurity }

  /// The requested host, lower case, without port.
  public var host: String { self.backend.headBytes.string(self.backend.head.hostName).asciiLowercased }

  /// The port that the client named beside the host; nil without one.
  public var hostPort: UInt16? { self.backend.head.port }

  /// The port of the listener.
  public var port: UInt16 { self.backend.publicPort }

  /// The path as received.
  public var rawPath: String { self.backend.headBytes.string(self.backend.head.path) }

  /// The path routes are matched against.
  public var path: String {
    self.backend.normalizedPath.isEmpty ? self.rawPath : self.backend.normalizedPath.string
  }

  /// What follows the question mark; empty without one.
  public var rawQuery: String { self.backend.head.query.map { self.backend.headBytes.string($0) } ?? "" }

  /// Path and query as received, without the scheme and host that a target may have.
  public var pathWithQuery: String {
    let (bytes, head) = (self.backend.headBytes, self.backend.head)
    guard head.form == .absolute else { return bytes.string(head.target) }
    let path = head.path.isEmpty ? "/" : bytes.string(head.path)
    return head.query.map { "\(path)?\(bytes.string($0))" } ?? path
  }

  /// Lends the target as it came, byte for byte: one that is no UTF-8 has no exact `String`.
  public func withTargetBytes<R>(_ body: (Span<UInt8>) -> R) -> R {
    let bytes = self.backend.headBytes
    return body(bytes[self.backend.head.target])
  }

  /// The first field of that name.
  public func header(_ name: String) -> String? { self.headers(name).first }

  /// Every field of that name, in order.
  public func headers(_ name: String) -> [String] {
    let edited = self.backend.upstreamEdits.values(name)
    guard edited.keepsOriginal else { return edited.values }
    var values: [String] = []
    let wanted = Array(name.utf8)
    for field in self.backend.head.fields where self.matches(field.name, wanted) {
      values.append(self.backend.headBytes.string(field.value))
    }
    return values + edited.values
  }

  /// Every field of the name that Kong's table of headers gives for this one: a name in lower case as it is; otherwise,
  /// and where there is none, `_` stands for `-`.
  public func headers(lookingUp name: String) -> [String] {
    guard name.utf8.contains(UInt8(ascii: "_")) else { return self.headers(name) }
    let lowercased = name.asciiLowercased
    if name.isSame(as: lowercased) {
      let values = self.headers(name)
      if !values.isEmpty { return values }
    }
    return self.headers(lowercased.dashed)
  }

  /// Lends the bytes of a field's value without making a `String`, with the number of fields of that name;
  /// nil when there is none. For names plugins have not changed.
  public func withHeaderBytes<R>(_ name: FieldName, _ body: (Span<UInt8>, _ count: Int) -> R) -> R? {
    if !self.backend.upstreamEdits.isEmpty {
      let values = self.headers(name.text)
      return values.first.map { body(Array($0.utf8).span, values.count) }
    }
    let found = self.backend.locateHeader(name.lowercased)
    guard found.count > 0 else { return nil }
    let bytes = self.backend.headBytes
    return body(bytes[found.value], found.count)
  }

  /// Lends the name and the value of each field as it came, in order.
  package func visitHeaderBytes(_ body: (Span<UInt8>, Span<UInt8>) -> Void) {
    let bytes = self.backend.headBytes
    for field in self.backend.head.fields { body(bytes[field.name], bytes[field.value]) }
  }

  /// What plugins have changed of the fields so far.
  package var edits: HeaderEdits { self.backend.upstreamEdits }

  /// All fields as they came, in order.
  public var allHeaders: [(name: String, value: String)] {
    self.backend.head.fields.map {
      (self.backend.headBytes.string($0.name), self.backend.headBytes.string($0.value))
    }
  }

  /// The first value of a query argument, percent-decoded; empty for one without `=`.
  public func queryArgument(_ name: String) -> String? {
    self.queryArguments(name).first
  }

  /// Every value of a query argument, percent-decoded, in order.
  public func queryArguments(_ name: String) -> [String] {
    self.queryValues(name).map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "" }
  }

  /// The same as bytes; nil for an argument without `=`.
  package func queryValues(_ name: String) -> [[UInt8]?] {
    guard let query = self.backend.head.query else { return [] }
    let bytes = self.backend.headBytes
    return FormText.arguments(bytes[query].array).filter { $0.isNamed(name) }.map(\.value)
  }

  /// The body, when the plugin's `wantsRequestBody` asked for it: empty without one, nil when it was too large.
  public var body: ByteBuffer? { self.backend.bufferedBody }

  /// The length the client announced for the body; nil without one.
  public var contentLength: UInt64? {
    if case .contentLength(let length) = self.backend.head.framing { length } else { nil }
  }

  /// Whether the body comes in chunks, its length unknown.
  public var isChunked: Bool {
    if case .chunked = self.backend.head.framing { true } else { false }
  }

  /// Ends the request with 413 when its body turns out to be longer than that.
  /// - Returns: false when it already is.
  public func limitBody(to bytes: UInt64) -> Bool { self.backend.limitBody(to: bytes) }

  /// Whether the peer is one of `trusted_ips`.
  public var isFromTrustedPeer: Bool { self.backend.isPeerTrusted }

  private func matches(_ range: ByteRange, _ wanted: [UInt8]) -> Bool {
    guard Int(range.count) == wanted.count else { return false }
    let bytes = self.backend.headBytes
    return bytes[range].equalsIgnoringCase(wanted.span)
  }
}

/// The name of a field, prepared once for many look-ups.
public struct FieldName: Sendable {
  public let text: String
  package let lowercased: [UInt8]

  public init(_ text: String) {
    self.text = text
    self.lowercased = text.utf8.map(\.asciiLowercased)
  }
}

/// `application/x-www-form-urlencoded` text.
public enum QueryString {
  /// `%XX` and `+` decoded; a `%` without two digits is left as it is.
  public static func decode(_ text: some StringProtocol) -> String {
    String(decoding: FormText.decoded(Array(text.utf8)[...]), as: UTF8.self)
  }

  /// The pairs of a query or form body, decoded, in order.
  public static func pairs(_ text: some StringProtocol) -> [(name: String, value: String)] {
    FormText.arguments(Array(text.utf8)).map { argument in
      (String(decoding: argument.name, as: UTF8.self), String(decoding: argument.value ?? [], as: UTF8.self))
    }
  }
}
