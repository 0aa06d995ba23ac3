// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The head of a request or response exactly as it came over the wire, and read leniently: the harness must be able to
/// look at heads that break the rules.
public struct MessageHead: Sendable {
  /// One field line; name and value as sent, the value without the white space around it.
  public struct Field: Sendable, Equatable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// All bytes up to and including the empty line.
  public let raw: [UInt8]
  /// The first line, without its line end.
  public let startLine: String
  /// The fields in the order received.
  public let fields: [Field]

  /// Splits a head into lines and fields.
  ///
  /// - Throws: `.malformed` when there is not even a first line.
  public init(raw: [UInt8]) throws {
    self.raw = raw
    var lines = String(decoding: raw, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
    guard let first = lines.first else { throw HarnessError(.malformed, "empty head") }
    self.startLine = String(first)
    lines.removeFirst()
    self.fields = lines.map { line in
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? trimmed(parts[1]) : ""
      return Field(name: String(parts[0]), value: value)
    }
  }

  /// The value of the first field named `name`, in any case.
  public subscript(name: String) -> String? { self.all(name).first }

  /// The values of every field named `name`, in any case.
  public func all(_ name: String) -> [String] {
    self.fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
  }

  /// The field names as sent, in order.
  public var names: [String] { self.fields.map(\.name) }

  /// Words of the start line: method, target, version; or version, status, reason.
  public func word(_ index: Int) -> String {
    let words = self.startLine.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    return index < words.count ? String(words[index]) : ""
  }

  var isChunked: Bool {
    self.all("Transfer-Encoding").joined(separator: ",").lowercased().hasSuffix("chunked")
  }

  var contentLength: Int? { self["Content-Length"].flatMap { Int($0) } }
}

/// A response read to its end.
public struct Response: Sendable {
  public let head: MessageHead
  public let body: [UInt8]
  public let trailers: [MessageHead.Field]

  public var status: Int { Int(self.head.word(1)) ?? 0 }
  public var text: String { String(decoding: self.body, as: UTF8.self) }
  /// The first value of a field of the head.
  public subscript(name: String) -> String? { self.head[name] }
}

/// What an echoing origin saw of one request.
public struct Echo: Sendable {
  public let head: MessageHead
  /// The body, and after it the trailers one a line.
  public let rest: String
}

extension Response {
  /// The request as the origin received it, read out of the body that `Exchange.echo()` made.
  public func echo() throws -> Echo {
    guard let end = firstIndex(of: Array("\r\n\r\n".utf8), in: self.body, from: 0) else {
      throw HarnessError(.malformed, "no echoed request in the \(self.status) response: \(self.text.prefix(300))")
    }
    let head = try MessageHead(raw: Array(self.body[..<(end + 4)]))
    return Echo(head: head, rest: String(decoding: self.body[(end + 4)...], as: UTF8.self))
  }
}

func trimmed(_ text: some StringProtocol) -> String {
  let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
  let front = text.drop(while: blank)
  return String(front.reversed().drop(while: blank).reversed())
}
