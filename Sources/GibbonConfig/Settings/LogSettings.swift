// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is written where. Paths are absolute; a nil access log is off.
public struct LogSettings: Sendable, Hashable {
  public let level: LogLevel
  public let proxyAccess: AccessLog?
  public let proxyError: ErrorLog
  public let streamAccess: AccessLog?
  public let streamError: ErrorLog
  public let adminAccess: AccessLog?
  public let adminError: ErrorLog
  public let statusAccess: AccessLog?
  public let statusError: ErrorLog
  /// The format that `nginx_http_log_format` defines, for access logs that name it.
  public let format: LogFormat?

  init(_ reader: SettingReader, prefix: String) {
    func access(_ name: String) -> AccessLog? {
      var log = reader.parsed(name) { (text) throws(ValueFault) in try AccessLog.parse(text) }
      if let path = log?.path { log?.path = PathText.absolute(path, in: prefix) }
      return log
    }
    func error(_ name: String) -> ErrorLog {
      var log =
        reader.parsed(name) { (text) throws(ValueFault) in try ErrorLog(parsing: text) } ?? ErrorLog.standard
      log.path = PathText.absolute(log.path, in: prefix)
      return log
    }
    self.level = reader.choice("log_level") ?? .notice
    self.proxyAccess = access("proxy_access_log")
    self.proxyError = error("proxy_error_log")
    self.streamAccess = access("proxy_stream_access_log")
    self.streamError = error("proxy_stream_error_log")
    self.adminAccess = access("admin_access_log")
    self.adminError = error("admin_error_log")
    self.statusAccess = access("status_access_log")
    self.statusError = error("status_error_log")
    self.format = reader.parsed("nginx_http_log_format") { (text) throws(ValueFault) in try LogFormat(parsing: text) }
  }
}
