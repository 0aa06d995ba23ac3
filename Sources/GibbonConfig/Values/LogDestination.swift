// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// From the most talkative to the most severe.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
  case debug, info, notice, warn, error, crit, alert, emerg

  static let names = Self.allCases.map(\.rawValue)

  public static func < (left: LogLevel, right: LogLevel) -> Bool {
    (Self.allCases.firstIndex(of: left) ?? 0) < (Self.allCases.firstIndex(of: right) ?? 0)
  }
}

/// Where requests are recorded.
public struct AccessLog: Sendable, Hashable {
  /// Absolute once it is part of a `Configuration`.
  public internal(set) var path: String
  /// The name given after the path; nil is nginx's combined format.
  public let format: String?

  /// nil for `off`.
  static func parse(_ text: String) throws(ValueFault) -> AccessLog? {
    if text.lowercased() == "off" { return nil }
    let words = ListText.words(text)
    guard let path = words.first else { throw ValueFault("expected \(PropertyType.accessLog.expectation)") }
    if path.hasPrefix("syslog:") { throw ValueFault("syslog is not available; write a path such as /dev/stdout") }
    guard words.count == 1 || (words.count == 2 && !words[1].contains("=")) else {
      throw ValueFault("'\(words.dropFirst(1).joined(separator: " "))' is not the name of a format")
    }
    return AccessLog(path: String(path), format: words.count == 2 ? String(words[1]) : nil)
  }
}

/// Where errors are written.
public struct ErrorLog: Sendable, Hashable {
  /// Absolute once it is part of a `Configuration`.
  public internal(set) var path: String
  /// nil is the level of the property `log_level`.
  public let level: LogLevel?

  init(parsing text: String) throws(ValueFault) {
    let words = ListText.words(text)
    guard let path = words.first, words.count <= 2 else {
      throw ValueFault("expected \(PropertyType.errorLog.expectation)")
    }
    if path.hasPrefix("syslog:") { throw ValueFault("syslog is not available; write a path such as /dev/stderr") }
    let level = words.count == 2 ? LogLevel(rawValue: String(words[1])) : nil
    if words.count == 2, level == nil { throw ValueFault("'\(words[1])' is not a log level") }
    self.init(path: String(path), level: level)
  }

  private init(path: String, level: LogLevel?) {
    self.path = path
    self.level = level
  }

  static let standard = ErrorLog(path: "logs/error.log", level: nil)
}

/// A format of the access log that the configuration names itself.
public struct LogFormat: Sendable, Hashable {
  public enum Escape: String, Sendable {
    case standard = "default"
    case json
    case none
  }

  public let name: String
  public let escape: Escape
  /// Text with `$variables`.
  public let template: String

  /// `name [escape=default|json|none] 'text' 'more text'`, as nginx's directive `log_format` takes.
  init(parsing text: String) throws(ValueFault) {
    let fault = ValueFault("expected \(PropertyType.logFormat.expectation)")
    let parts = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
    guard parts.count == 2 else { throw fault }
    self.name = String(parts[0])
    var rest = parts[1].drop(while: \.isWhitespace)
    var escape = Escape.standard
    if rest.hasPrefix("escape=") {
      let word = rest.dropFirst(7).prefix { !$0.isWhitespace }
      guard let known = Escape(rawValue: String(word)) else {
        throw ValueFault("escape=\(word) needs default, json or none")
      }
      escape = known
      rest = rest.dropFirst(7 + word.count).drop(while: \.isWhitespace)
    }
    self.escape = escape
    guard let quote = rest.first, quote == "'" || quote == "\"" else {
      self.template = String(rest)
      if rest.isEmpty { throw fault }
      return
    }
    var template = ""
    while let quote = rest.first {
      guard quote == "'" || quote == "\"", let close = rest.dropFirst().firstIndex(of: quote) else { throw fault }
      template += rest[rest.index(after: rest.startIndex)..<close]
      rest = rest[rest.index(after: close)...].drop(while: \.isWhitespace)
    }
    self.template = template
  }
}
