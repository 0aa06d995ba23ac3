// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// How much a message matters, as the numbers of RFC 3164 section 4.1.1: lower is more.
enum SyslogSeverity: String, Decodable, Sendable, CaseIterable {
  case emerg, alert, crit, err, warning, notice, info, debug

  var number: Int {
    switch self {
    case .emerg: 0
    case .alert: 1
    case .crit: 2
    case .err: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug: 7
    }
  }
}

/// Whom a message is from, as the system sorts it. In the order of Kong's schema.
enum SyslogFacility: String, Decodable, Sendable, CaseIterable {
  case auth, authpriv, cron, daemon, ftp, kern, lpr, mail, news, syslog, user, uucp
  case local0, local1, local2, local3, local4, local5, local6, local7

  var number: Int {
    switch self {
    case .kern: 0
    case .user: 1
    case .mail: 2
    case .daemon: 3
    case .auth: 4
    case .syslog: 5
    case .lpr: 6
    case .news: 7
    case .uucp: 8
    case .cron: 9
    case .authpriv: 10
    case .ftp: 11
    case .local0: 16
    case .local1: 17
    case .local2: 18
    case .local3: 19
    case .local4: 20
    case .local5: 21
    case .local6: 22
    case .local7: 23
    }
  }
}

/// What local programs write to the system's log (RFC 3164, without the host name): `<14>Nov 24 09:05:03 kong[7]: …`.
enum SyslogMessage {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// - Parameter unixSeconds: shown in local time.
  static func bytes(
    _ text: [UInt8], priority: Int, processID: Int32, unixSeconds: Int
  ) -> [UInt8] {
    var moment = time_t(unixSeconds)
    var parts = tm()
    _ = localtime_r(&moment, &parts)
    let month = Self.months[max(0, min(11, Int(parts.tm_mon)))]
    let clock = "\(Self.two(parts.tm_hour, "0")):\(Self.two(parts.tm_min, "0")):\(Self.two(parts.tm_sec, "0"))"
    return Array("<\(priority)>\(month) \(Self.two(parts.tm_mday, " ")) \(clock) kong[\(processID)]: ".utf8) + text
  }

  private static func two(_ value: Int32, _ filler: String) -> String { value < 10 ? "\(filler)\(value)" : "\(value)" }
}
