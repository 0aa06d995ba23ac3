// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// Reads HTTP/1.1 messages off a socket, keeping what came early for the next read.
///
/// Written apart from the gateway's own parser on purpose, so that one mistake is not made twice.
public final class MessageReader: Sendable {
  /// How a body ends.
  public enum Framing: Sendable {
    case none
    case length(Int)
    case chunked
    case untilClose
  }

  private let socket: Socket
  private let pending = Mutex<[UInt8]>([])

  public init(_ socket: Socket) {
    self.socket = socket
  }

  /// The next head.
  ///
  /// - Throws: `.closed` when the stream ends first; `.timedOut`; `.reset`.
  public func readHead(seconds: Double = Deadline.defaultSeconds) throws -> MessageHead {
    let bytes = try self.read(through: Array("\r\n\r\n".utf8), seconds: seconds)
    return try MessageHead(raw: bytes)
  }

  /// Reads up to and including `mark`.
  public func read(through mark: [UInt8], seconds: Double = Deadline.defaultSeconds) throws -> [UInt8] {
    let deadline = Deadline(seconds: seconds)
    var searched = 0
    while true {
      let found = self.pending.withLock { bytes -> [UInt8]? in
        guard let end = firstIndex(of: mark, in: bytes, from: searched) else {
          searched = max(0, bytes.count - mark.count)
          return nil
        }
        let taken = Array(bytes[..<(end + mark.count)])
        bytes.removeFirst(taken.count)
        return taken
      }
      if let found { return found }
      try self.fill(deadline)
    }
  }

  /// Exactly `count` bytes.
  public func read(exactly count: Int, seconds: Double = Deadline.defaultSeconds) throws -> [UInt8] {
    let deadline = Deadline(seconds: seconds)
    while self.pending.withLock({ $0.count }) < count { try self.fill(deadline) }
    return self.pending.withLock { bytes in
      let taken = Array(bytes[..<count])
      bytes.removeFirst(count)
      return taken
    }
  }

  /// Everything up to the end of the stream. A reset counts as the end only when `acceptingReset`.
  public func readToEnd(acceptingReset: Bool = false, seconds: Double = Deadline.defaultSeconds) throws -> [UInt8] {
    let deadline = Deadline(seconds: seconds)
    while true {
      do {
        try self.fill(deadline)
      } catch let error as HarnessError where error.kind == .closed || (acceptingReset && error.kind == .reset) {
        return self.pending.withLock { bytes in
          let taken = bytes
          bytes = []
          return taken
        }
      }
    }
  }

  /// One body and its trailers.
  public func readBody(
    _ framing: Framing, seconds: Double = Deadline.defaultSeconds
  ) throws -> (body: [UInt8], trailers: [MessageHead.Field]) {
    switch framing {
    case .none: return ([], [])
    case .length(let count): return (try self.read(exactly: count, seconds: seconds), [])
    case .untilClose: return (try self.readToEnd(seconds: seconds), [])
    case .chunked:
      var body: [UInt8] = []
      while let chunk = try self.readChunk(seconds: seconds) { body += chunk }
      return (body, try self.readTrailers(seconds: seconds))
    }
  }

  /// The data of the next chunk; `nil` at the last one, whose trailers are still to be read.
  public func readChunk(seconds: Double = Deadline.defaultSeconds) throws -> [UInt8]? {
    let line = try self.readLine(seconds: seconds)
    let size = line.split(separator: ";", omittingEmptySubsequences: false)[0]
    guard let count = Int(trimmed(size), radix: 16), count >= 0 else {
      throw HarnessError(.malformed, "bad chunk size line '\(line)'")
    }
    if count == 0 { return nil }
    let data = try self.read(exactly: count, seconds: seconds)
    guard try self.readLine(seconds: seconds).isEmpty else {
      throw HarnessError(.malformed, "no line end after a chunk")
    }
    return data
  }

  public func readTrailers(seconds: Double = Deadline.defaultSeconds) throws -> [MessageHead.Field] {
    var fields: [MessageHead.Field] = []
    while true {
      let line = try self.readLine(seconds: seconds)
      if line.isEmpty { return fields }
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      fields.append(.init(name: String(parts[0]), value: parts.count > 1 ? trimmed(parts[1]) : ""))
    }
  }

  /// Reads and forgets up to `limit` bytes that are there or arrive; the count, 0 at the end of the stream.
  public func discard(upTo limit: Int = 262_144, seconds: Double = Deadline.defaultSeconds) throws -> Int {
    let held = self.pending.withLock { bytes in
      let count = min(bytes.count, limit)
      bytes.removeFirst(count)
      return count
    }
    return held > 0 ? held : try self.socket.receive(upTo: limit, seconds: seconds).count
  }

  /// True when the peer has sent nothing more and ended the stream within `seconds`.
  public func isAtEnd(seconds: Double = Deadline.defaultSeconds) throws -> Bool {
    if self.pending.withLock({ !$0.isEmpty }) { return false }
    do {
      return try self.socket.receive(upTo: 1, seconds: seconds).isEmpty
    } catch let error as HarnessError where error.kind == .reset {
      return true
    }
  }

  private func readLine(seconds: Double) throws -> String {
    let bytes = try self.read(through: Array("\r\n".utf8), seconds: seconds)
    return String(decoding: bytes.dropLast(2), as: UTF8.self)
  }

  private func fill(_ deadline: Deadline) throws {
    let left = Double(deadline.remainingMilliseconds) / 1000
    let bytes: [UInt8]
    do {
      bytes = try self.socket.receive(upTo: 262_144, seconds: left)
    } catch let error as HarnessError {
      throw HarnessError(error.kind, "\(error); had received: \(self.excerpt())")
    }
    if bytes.isEmpty { throw HarnessError(.closed, "the peer closed; had received: \(self.excerpt())") }
    self.pending.withLock { $0 += bytes }
  }

  private func excerpt() -> String {
    self.pending.withLock { bytes in
      bytes.isEmpty ? "nothing" : "\(bytes.count) bytes: \(String(decoding: bytes.prefix(300), as: UTF8.self))"
    }
  }
}

func firstIndex(of mark: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
  guard let first = mark.first, bytes.count >= mark.count else { return nil }
  var index = start
  while index <= bytes.count - mark.count {
    if bytes[index] == first, bytes[index..<(index + mark.count)].elementsEqual(mark) { return index }
    index += 1
  }
  return nil
}
