// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

/// A text and whether a type takes it.
struct Sample: Sendable, CustomStringConvertible {
  let type: PropertyType
  let text: String
  let isValid: Bool

  init(_ type: PropertyType, valid text: String) {
    self.type = type
    self.text = text
    self.isValid = true
  }

  init(_ type: PropertyType, invalid text: String) {
    self.type = type
    self.text = text
    self.isValid = false
  }

  var description: String { "\(self.type) '\(self.text)' \(self.isValid ? "valid" : "invalid")" }
}

@Suite struct ValueTests {
  private static func samples(_ type: PropertyType, valid: [String], invalid: [String]) -> [Sample] {
    valid.map { Sample(type, valid: $0) } + invalid.map { Sample(type, invalid: $0) }
  }

  private static let scalars: [Sample] =
    samples(.text, valid: ["", "x y"], invalid: [])
    + samples(.path, valid: ["/a", "b"], invalid: [])
    + samples(.list, valid: ["a,b"], invalid: [])
    + samples(.flag, valid: ["on", "off", "true", "FALSE"], invalid: ["", "yes", "1", "on off"])
    + samples(.integer(1...10), valid: ["1", "10"], invalid: ["", "0", "11", "1.5", "x", "99999999999999999999"])
    + samples(.number(0...1), valid: ["0", "1", "0.5"], invalid: ["", "1.01", "-1", "1e0", "nan", ".5", "1.", "0x1"])
    + samples(.choice(["a", "b"]), valid: ["a"], invalid: ["", "A", "a,b"])
    + samples(
      .words(["off", "Via"]), valid: ["via", "VIA, Via", "off", "off, via", "via, off"], invalid: ["x", "off, x"])
    + samples(.automaticCount, valid: ["auto", "AUTO", "4"], invalid: ["", "0", "-1", "x", "1.5"])
    + samples(
      .uuid, valid: ["01234567-89ab-cdef-0123-456789ABCDEF"],
      invalid: ["", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789ABCDEG"])
    + samples(
      .url, valid: ["http://proxy:3128", "HTTPS://user:pw@proxy/x"], invalid: ["", "proxy:3128", "http://", "ftp://x"])

  private static let measures: [Sample] =
    samples(
      .size, valid: ["0", "8k", "10M", "1g", "123"],
      invalid: ["", "k", "8kb", "-1", "1.5m", "8 k", "99999999999999999g"])
    + samples(
      .duration, valid: ["60", "60s", "500ms", "1h 30m", "1h30m", "1d", "2w", "1M", "1y"],
      invalid: ["", " ", "s", "1x", "-1", "1.5s", "101y", "99999999999999999999", "1h  x"])
    + samples(.keepaliveTimeout, valid: ["75s", "75s 60s", "0"], invalid: ["", "1 2 3", "x"])
    + samples(
      .headerBuffers, valid: ["4 8k", "1 256"],
      invalid: ["", "4", "8k", "0 8k", "4 8k 1", "4 1", "4 1g", "x 8k"])

  private static let places: [Sample] =
    samples(.endpoint, valid: ["cp:8005", "10.0.0.1:1", "[::1]:8005"], invalid: ["", "cp", "cp:x", ":1", "cp:65536"])
    + samples(
      .trustedAddresses, valid: ["127.0.0.1", "10.0.0.0/8", "::/0", "unix:", "1.2.3.4, fe80::/10"],
      invalid: ["x", "10.0.0.0/33", "::/129", "1.2.3", "1.2.3.4/", "1.2.3.4/-1", "unix:/x"])
    + samples(.portMaps, valid: ["80:8000", "80:8000, 443:8443"], invalid: ["80", "80:", "a:b", "1:2:3", "1:65536"])
    + samples(
      .nameServers, valid: ["8.8.8.8", "8.8.8.8:5353", "::1", "[::1]:53", "[::1]"],
      invalid: ["dns.example", "8.8.8.8:x", "8.8.8"])
    + samples(
      .labels, valid: ["a:b", "a:b,c:d"],
      invalid: ["a", "a:", ":b", "a b:c", (0...10).map { "k\($0):v" }.joined(separator: ",")])

  private static let logs: [Sample] =
    samples(
      .accessLog, valid: ["off", "logs/a.log", "/dev/stdout basic"],
      invalid: ["", "syslog:server=x", "a buffer=8k", "a b c"])
    + samples(.errorLog, valid: ["logs/e.log", "/dev/stderr debug"], invalid: ["", "a loud", "a debug b", "syslog:x"])
    + samples(
      .logFormat, valid: ["f '$status'", "f escape=json '{' '}'", "f \"$a\"", "f $status"],
      invalid: ["", "f", "f escape=xml 'x'", "f 'x", "f 'x' y", "f escape=json"])

  @Test(arguments: scalars + measures + places + logs)
  func aTypeTakesItsValuesAndNoOthers(_ sample: Sample) {
    #expect((sample.type.fault(in: sample.text) == nil) == sample.isValid)
  }

  @Test func measuresHaveTheirUnits() throws {
    #expect(try ByteSize(parsing: "8k").bytes == 8192)
    #expect(try ByteSize(parsing: "2G").bytes == 2 << 30)
    #expect(try TimeText.duration("1h 30m") == .seconds(5400))
    #expect(try TimeText.duration("1s500ms") == .milliseconds(1500))
    #expect(try TimeText.duration("75") == .seconds(75))
    #expect(try KeepaliveTimeout(parsing: "75s 60s").announced == .seconds(60))
    #expect(try HeaderBuffers(parsing: "4 8k") == HeaderBuffers(count: 4, size: ByteSize(bytes: 8192)))
  }

  @Test func networksAreBytesWithAPrefixLength() throws {
    #expect(try TrustedAddress(parsing: "10.1.2.3/8") == .network(bytes: [10, 1, 2, 3], prefixLength: 8))
    #expect(try TrustedAddress(parsing: "127.0.0.1") == .network(bytes: [127, 0, 0, 1], prefixLength: 32))
    #expect(
      try TrustedAddress(parsing: "::1")
        == .network(bytes: [UInt8](repeating: 0, count: 15) + [1], prefixLength: 128))
  }

  @Test func logFormatsAreJoined() throws {
    let format = try LogFormat(parsing: "f escape=json '{\"a\": ' '$status}'")
    #expect(format.name == "f")
    #expect(format.escape == .json)
    #expect(format.template == "{\"a\": $status}")
  }
}
