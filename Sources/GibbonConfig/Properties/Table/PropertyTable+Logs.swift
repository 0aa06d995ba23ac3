// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  static let logs = PropertySection(
    "Logs",
    """
    Relative paths are taken from the prefix; `/dev/stdout` and `/dev/stderr` work. `SIGUSR1` reopens the files. \
    Access logs are `off` or a path and the name of a format: `combined` when none is given.
    """,
    [
      Property(
        "log_level", .choice(LogLevel.names), "notice",
        "The least severe messages that the error logs record, from `debug` to `emerg`."),
      Property("proxy_access_log", .accessLog, "logs/access.log", "Requests through the proxy."),
      Property("proxy_error_log", .errorLog, "logs/error.log", "Errors of the proxy, and of the gateway itself."),
      Property(
        "proxy_stream_access_log", .accessLog, "logs/access.log basic", .streams, "Connections of the streams."),
      Property("proxy_stream_error_log", .errorLog, "logs/error.log", .streams, "Errors of the streams."),
      Property("admin_access_log", .accessLog, "logs/admin_access.log", "Requests to the Admin API."),
      Property("admin_error_log", .errorLog, "logs/error.log", .oneErrorLog, "Errors of the Admin API."),
      Property(
        "admin_gui_access_log", .accessLog, "logs/admin_gui_access.log", .manager, "Requests to the web manager."),
      Property("admin_gui_error_log", .errorLog, "logs/admin_gui_error.log", .manager, "Errors of the web manager."),
      Property("status_access_log", .accessLog, "off", "Requests to the Status API."),
      Property("status_error_log", .errorLog, "logs/status_error.log", .oneErrorLog, "Errors of the Status API."),
      Property(
        "nginx_http_log_format", .logFormat, .ownFormats,
        """
        One more format that access logs may name, as nginx's `log_format` takes it: \
        `name '$remote_addr "$request" $status'`.
        """),
    ])
}
