// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// What became of a request, for the log phase; before it nothing of this is final.
public struct RequestOutcome {
  private let backend: any RequestBackend

  init(_ context: RequestContext) { self.backend = context.backend }

  /// Bytes received: the head, and what was read of the body, chunk framing included.
  public var requestSize: UInt64 { self.backend.receivedBytes }

  /// Bytes that the kernel took for the client: head, framing and body.
  public var responseSize: UInt64 { self.backend.sentBytes }

  public var latencies: RequestLatencies { self.backend.latencies }

  /// The target sent to the service, with query; empty where no route matched.
  public var upstreamURI: String { self.backend.upstreamURI.string }

  /// The tries at services, in order; nil where no route matched. Recorded for requests that a plugin with a log
  /// phase applies to.
  public var tries: [UpstreamTry]? { self.backend.hasRoute ? self.backend.upstreamTries : nil }

  /// The status of each try, `502, 200`; `-` for one that ended without. Empty when nothing was tried.
  public var upstreamStatus: String {
    self.backend.upstreamTries.map { $0.status == 0 ? "-" : "\($0.status)" }.joined(separator: ", ")
  }

  public var source: Source { self.backend.responseSource == .service ? .upstream : .kong }

  /// When the request began, in milliseconds since 1970.
  public var startedAtMilliseconds: UInt64 { self.backend.startedWallMicroseconds / 1000 }

  /// The fields of the response as they were sent, in order; empty when none was.
  public var responseHeaders: [(name: String, value: String)] {
    let head = self.backend.sentHead
    var fields: [(name: String, value: String)] = []
    FieldLines.visit(head.span) { name, value in fields.append((head.string(name), head.string(value))) }
    return fields
  }

  /// Who answered, in Kong's words.
  public enum Source: String, Sendable {
    case upstream, kong
  }
}

/// Where a request's time went, in milliseconds, as Kong counts it.
public struct RequestLatencies: Sendable, Hashable {
  /// The gateway's own: until the last try began, or until the answer where nothing was tried.
  public var kong = 0
  /// From the beginning of the last try to the head of the response; -1 when nothing was tried.
  public var proxy = -1
  /// From the first to the last byte.
  public var request = 0
  /// From the head of the service's response to its end.
  public var receive = 0

  package init(kong: Int, proxy: Int, request: Int, receive: Int) {
    self.kong = kong
    self.proxy = proxy
    self.request = request
    self.receive = receive
  }
}

/// One attempt to reach a service.
public struct UpstreamTry: Sendable, Hashable {
  /// nil for a unix socket.
  public let address: IPAddress?
  public let port: UInt16
  /// Since 1970.
  public let startedMicroseconds: UInt64
  /// What choosing the address and beginning to connect took.
  public let latencyMicroseconds: UInt64
  /// What the service answered, or what its failure counts as: 502, 504. 0 while unknown.
  public package(set) var status: UInt16 = 0
  public package(set) var hasFailed = false

  package init(address: IPAddress?, port: UInt16, startedMicroseconds: UInt64, latencyMicroseconds: UInt64) {
    self.address = address
    self.port = port
    self.startedMicroseconds = startedMicroseconds
    self.latencyMicroseconds = latencyMicroseconds
  }
}

/// Field lines that the gateway wrote itself.
enum FieldLines {
  /// Visits the fields of a head; its first line is skipped, as it has no colon before a space.
  static func visit(_ bytes: Span<UInt8>, _ body: (_ name: ByteRange, _ value: ByteRange) -> Void) {
    var start = 0
    while start < bytes.count {
      var colon = start
      while colon < bytes.count, !Self.isColonOrEnd(bytes[colon]) { colon &+= 1 }
      var end = colon
      while end < bytes.count, bytes[end] != .lineFeed { end &+= 1 }
      if colon > start, colon < end, bytes[colon] == UInt8(ascii: ":") {
        var value = colon + 1
        var last = end
        while value < last, bytes[value] == .space { value += 1 }
        while last > value, bytes[last - 1] == .carriageReturn || bytes[last - 1] == .space { last -= 1 }
        body(ByteRange(offset: start, count: colon - start), ByteRange(offset: value, count: last - value))
      }
      start = end + 1
    }
  }

  private static func isColonOrEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ":") || byte == .space || byte == .lineFeed
  }
}
