// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A request to explain, as it would arrive.
struct ExplainedRequest: Hashable, Sendable {
  struct Header: Hashable, Sendable {
    let name: String
    let value: String
  }

  /// Upper case.
  let method: String
  /// `http` or `https`; lower case.
  let scheme: String
  /// Without brackets.
  let host: String
  /// The URL's, or the scheme's.
  let port: UInt16
  /// Path and query, beginning with a slash.
  let target: String
  /// In the order given. `Host` is the first: from the URL unless it was given.
  let headers: [Header]
  /// nil over plain HTTP.
  let sni: String?

  /// `GET http://host/path`; without a method it is GET, and a path alone is asked of localhost over HTTP.
  /// - Throws: `Failure` saying what the text should look like.
  init(_ text: String, headers: [String] = [], sni: String? = nil) throws {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard (1...2).contains(words.count), let last = words.last else { throw Self.malformed(text) }
    let method = words.count == 2 ? String(words[0]) : "GET"
    guard method.utf8.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }) else { throw Self.malformed(text) }
    guard let url = Self.url(String(last)) else { throw Self.malformed(text) }
    guard let schemeEnd = url.firstRange(of: "://") else { throw Self.malformed(text) }
    let scheme = url[..<schemeEnd.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { throw Self.malformed(text) }

    let rest = url[schemeEnd.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let target = rest.dropFirst(authority.count).prefix { $0 != "#" }
    let (host, port) = try Self.divide(authority, text)
    self.method = method.uppercased()
    self.scheme = scheme
    self.host = host
    self.port = port ?? (scheme == "https" ? 443 : 80)
    self.target = target.hasPrefix("/") ? String(target) : "/" + target
    var given: [Header] = []
    for header in headers { given.append(try Self.header(header)) }
    if !given.contains(where: { $0.name.lowercased() == "host" }) {
      given.insert(Header(name: "Host", value: String(authority)), at: 0)
    }
    self.headers = given
    self.sni = sni ?? (scheme == "https" ? host : nil)
  }

  /// The URL that a person means by less than one; nil when it could be anything.
  private static func url(_ text: String) -> String? {
    if text.utf8.first == UInt8(ascii: "/") { return "http://localhost" + text }
    if text.contains("://") { return text }
    let isHost = text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
    return isHost || text == "localhost" ? "http://" + text : nil
  }

  private static func divide(_ authority: Substring, _ text: String) throws -> (String, UInt16?) {
    var host = authority
    var port: UInt16?
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      port = UInt16(authority[authority.index(after: colon)...])
      if port == nil { throw Self.malformed(text) }
      host = authority[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, !host.contains("@") else { throw Self.malformed(text) }
    return (String(host), port)
  }

  private static func header(_ text: String) throws -> Header {
    guard let colon = text.firstIndex(of: ":"), colon > text.startIndex, !text.contains(where: \.isNewline) else {
      throw Failure("'\(text)' is not a header", advice: "Write it as -H 'name: value'.")
    }
    let value = text[text.index(after: colon)...].drop { $0 == " " }
    return Header(name: String(text[..<colon]), value: String(value))
  }

  private static func malformed(_ text: String) -> Failure {
    Failure("'\(text)' is not a request", advice: "Write it as 'GET http://host/path', or as a path.")
  }
}
