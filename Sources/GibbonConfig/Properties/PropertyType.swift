// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a property's value looks like, with what may be said of it without looking at other properties.
public enum PropertyType: Sendable, Hashable {
  /// Any text.
  case text
  /// A file or folder; relative ones are taken from the place the property names.
  case path
  /// `on`, `off`, `true`, `false`.
  case flag
  case integer(ClosedRange<Int>)
  /// A number that may have a fraction.
  case number(ClosedRange<Double>)
  /// Exactly one of these words.
  case choice([String])
  /// Comma separated, any items.
  case list
  /// Comma separated, each one of these words whatever the case of its letters; `off` counts only as the first.
  case words([String])
  /// Bytes: `8k`, `10m`, `1g`.
  case size
  /// nginx's time: `60`, `500ms`, `1h 30m`.
  case duration
  /// One or two of nginx's times, as its directive `keepalive_timeout` takes.
  case keepaliveTimeout
  /// `off`, or the name of a character set.
  case charset
  /// A number and a size, `4 8k`.
  case headerBuffers
  /// `auto` or a number from 1.
  case automaticCount
  case listeners(Listener.Kind)
  /// `host:port`.
  case endpoint
  /// `off`, or a path and optionally the name of a format.
  case accessLog
  /// A path, optionally with the least severe level to write.
  case errorLog
  /// nginx's directive `log_format`: a name and quoted text.
  case logFormat
  /// IP addresses, CIDR blocks, `unix:`.
  case trustedAddresses
  /// `outside:inside` pairs of ports.
  case portMaps
  /// `address` or `address:port`, comma separated.
  case nameServers
  /// `key:value` pairs.
  case labels
  case uuid
  /// An `http` or `https` URL.
  case url
}

extension PropertyType {
  /// What to write, for error messages and the reference.
  public var expectation: String {
    switch self {
    case .text: "text"
    case .path: "a path"
    case .flag: "on or off"
    case .integer(let range): Self.describe("a whole number", range.lowerBound, range.upperBound, Int.max)
    case .number(let range): Self.describe("a number", range.lowerBound, range.upperBound, .infinity)
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .list: "a comma separated list"
    case .words(let words): "a comma separated list of " + words.joined(separator: ", ")
    case .size: "a size such as 512, 8k, 10m or 1g"
    case .duration: "a time such as 60s, 500ms, 5m or 1h 30m"
    case .keepaliveTimeout: "a time such as 75s, optionally followed by the one to announce to clients"
    case .charset: "off, or the name of a character set such as UTF-8"
    case .headerBuffers: "a number and a size such as '4 8k'"
    case .automaticCount: "auto or a whole number from 1"
    case .listeners(let kind): "off, or a comma separated list of 'address:port' with the flags \(kind.flagNames)"
    case .endpoint: "host:port"
    case .accessLog: "off, or a path with an optional format name"
    case .errorLog: "a path with an optional log level"
    case .logFormat: "a name followed by the quoted format"
    case .trustedAddresses: "a comma separated list of IP addresses, CIDR blocks or unix:"
    case .portMaps: "a comma separated list of outside:inside port pairs"
    case .nameServers: "a comma separated list of IP addresses with optional :port"
    case .labels: "a comma separated list of key:value pairs"
    case .uuid: "a UUID"
    case .url: "an http:// or https:// URL"
    }
  }

  private static func describe<N: Comparable>(_ noun: String, _ low: N, _ high: N, _ unbounded: N) -> String {
    high == unbounded ? "\(noun) from \(low)" : "\(noun) from \(low) to \(high)"
  }

  /// Whether commas separate items.
  var isList: Bool {
    switch self {
    case .list, .words, .listeners, .trustedAddresses, .portMaps, .nameServers, .labels: true
    default: false
    }
  }
}
