// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Declarative files for the common cases. Everything else a test writes out itself.
public enum Declarative {
  /// One service at `port` of loopback with one route. Each extra line is put, with its own indentation kept, under
  /// the service, the route, or at the end of the file.
  ///
  /// - Parameters:
  ///   - path: the service's path, if any.
  ///   - service: lines such as `read_timeout: 200`.
  ///   - route: lines such as `preserve_host: true`; the route has `paths: [/]` unless a line gives others.
  ///   - global: lines at the top level, such as a `plugins:` list.
  public static func service(
    port: Int, path: String? = nil, service: String = "", route: String = "", global: String = ""
  ) -> String {
    let paths = route.contains("paths:") || route.contains("hosts:") ? "" : "paths: [/]\n"
    return """
      _format_version: "3.0"
      services:
      - name: origin
        host: 127.0.0.1
        port: \(port)
      \(indented(path.map { "path: \($0)\n" + service } ?? service, by: 2))
        routes:
        - name: everything
      \(indented(paths + route, by: 4))
      \(global)

      """
  }

  private static func indented(_ text: String, by count: Int) -> String {
    text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
  }
}
