// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension RequestHead {
  /// Takes a request line in: which form the target has, and its parts.
  ///
  /// A fragment is not part of any request target, but nginx takes one and cuts it off before it
  /// looks for the path and the query, and so does Gibbon: `target` keeps it, `path` and `query` do
  /// not. A path with a broken percent-encoding or an encoded NUL is refused, as nginx does; the
  /// query is opaque. Bytes beyond ASCII must be UTF-8: they mean what their percent-encoding means.
  mutating func take(_ line: RequestLine, in input: Span<UInt8>) -> HeadError.Kind? {
    self.version = line.version
    self.methodName = line.method
    self.method = HTTPMethod.of(input.extracting(line.method.bounds))
    self.target = line.target
    if line.hasHighBytes {
      guard Self.isUTF8(input.extracting(line.target.bounds)) else { return .invalidTarget }
      self.flags.insert(.targetHasHighBytes)
    }
    let first = input[line.target.lowerBound]
    if self.method == .connect { return self.takeAuthorityForm(in: input) }
    if first == UInt8(ascii: "/") {
      self.form = .origin
      return self.takePath(from: line.target.lowerBound, line, in: input)
    }
    if first == UInt8(ascii: "*"), line.target.count == 1 {
      guard self.method == .options else { return .invalidTarget }
      self.form = .asterisk
      self.path = line.target
      return nil
    }
    self.form = .absolute
    return self.takeAbsoluteForm(line, in: input)
  }

  private mutating func takePath(from start: Int, _ line: RequestLine, in input: Span<UInt8>) -> HeadError.Kind? {
    let end = line.numberSign
    let pathEnd = min(line.questionMark, end)
    // Safe: an absolute form's `?` or `#` inside the authority has been refused before.
    guard start <= pathEnd else { return .invalidTarget }
    self.path = ByteRange(start..<pathEnd)
    if pathEnd < end { self.query = ByteRange(pathEnd &+ 1..<end) }
    guard line.hasPercent else { return nil }
    for index in start..<pathEnd where input[index] == UInt8(ascii: "%") {
      guard input.isEscape(at: index, to: pathEnd) else { return .invalidTarget }
    }
    return nil
  }

  /// `host:port`; the port is needed (RFC 9110, section 9.3.6).
  private mutating func takeAuthorityForm(in input: Span<UInt8>) -> HeadError.Kind? {
    guard let host = HostPort.parse(input, self.target), let port = host.port, port > 0 else { return .invalidTarget }
    self.form = .authority
    self.take(host)
    return nil
  }

  private mutating func takeAbsoluteForm(_ line: RequestLine, in input: Span<UInt8>) -> HeadError.Kind? {
    let (start, end) = (line.target.lowerBound, line.target.upperBound)
    var index = start
    while index < end, ByteSet.scheme.contains(input[index]) { index &+= 1 }
    guard input[start].isASCIILetter, end &- index > 3, input[index] == UInt8(ascii: ":"),
      input[index &+ 1] == UInt8(ascii: "/"), input[index &+ 2] == UInt8(ascii: "/")
    else { return .invalidTarget }
    self.scheme = ByteRange(start..<index)
    let hostStart = index &+ 3
    let hostLimit = min(line.questionMark, line.numberSign)
    var hostEnd = hostStart
    while hostEnd < hostLimit, input[hostEnd] != UInt8(ascii: "/") { hostEnd &+= 1 }
    guard hostStart < hostEnd, let host = HostPort.parse(input, ByteRange(hostStart..<hostEnd)) else {
      return .invalidHost
    }
    self.take(host)
    return self.takePath(from: hostEnd, line, in: input)
  }

  /// Whoever asks for the field `Host` gets the host that the request is for: the target's, where it names one.
  mutating func replaceHost() {
    for index in self.fields.indices where self.fields[index].known == .host {
      self.fields[index].value = self.authority
    }
  }

  private static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
    do {
      _ = try UTF8Span(validating: bytes)
      return true
    } catch {
      return false
    }
  }

  mutating func take(_ host: HostPort) {
    self.authority = host.authority
    self.hostName = host.name
    self.port = host.port
  }
}
