// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Fields that many schemas have, with Kong's rules.
extension Field {
  public static let protocolNames = ["grpc", "grpcs", "http", "https", "tcp", "tls", "tls_passthrough", "udp"]
  /// The largest timeout and port-like limits are Kong's: 2^31 - 2 milliseconds.
  public static let maxTimeoutMilliseconds: Double = 2_147_483_646

  /// The primary key: a UUID, made where it is absent.
  public static let id: Field = .string("id", .uuid, .auto, .unique)
  public static let createdAt: Field = .integer("created_at", .timestamp, .auto)
  public static let updatedAt: Field = .integer("updated_at", .timestamp, .auto)
  public static let tags: Field = .set("tags", of: .string(.validated(by: .tag)))

  public static func uuid(_ name: String, _ options: FieldOption...) -> Field {
    Field(name, .string, [.uuid] + options)
  }

  /// A unique name of letters, digits, `. - _ ~` and anything beyond ASCII.
  public static func utf8Name(_ name: String, _ options: FieldOption...) -> Field {
    Field(name, .string, [.unique, .validated(by: .utf8Name)] + options)
  }

  public static func protocolName(_ name: String = "", _ options: FieldOption...) -> Field {
    Field(name, .string, [.oneOf(Self.protocolNames)] + options)
  }

  public static func host(_ name: String, _ options: FieldOption...) -> Field {
    Field(name, .string, [.validated(by: .host)] + options)
  }

  public static func port(_ name: String, _ options: FieldOption...) -> Field {
    Field(name, .integer, [.between(0, 65535)] + options)
  }

  /// Milliseconds from 0.
  public static func timeout(_ name: String, _ options: FieldOption...) -> Field {
    Field(name, .integer, [.between(0, Self.maxTimeoutMilliseconds)] + options)
  }

  /// A URL path without empty segments.
  public static func path(_ name: String, _ options: FieldOption...) -> Field {
    Field(
      name, .string,
      [
        .starts(with: "/"), .matchesNone(PatternRule("//", "must not have empty segments")),
        .validated(by: .path),
      ] + options)
  }

  public static func url(_ name: String, _ options: FieldOption...) -> Field {
    Field(name, .string, [.validated(by: .url)] + options)
  }

  public static func headerName(_ name: String = "", _ options: FieldOption...) -> Field {
    Field(name, .string, [.validated(by: .headerName)] + options)
  }

  public static func cookieName(_ name: String, _ options: FieldOption...) -> Field {
    Field(name, .string, [.validated(by: .cookieName)] + options)
  }

  public static func sni(_ name: String = "", _ options: FieldOption...) -> Field {
    Field(name, .string, [.validated(by: .sni)] + options)
  }

  public static func wildcardHost(_ name: String = "", _ options: FieldOption...) -> Field {
    Field(name, .string, [.validated(by: .wildcardHost)] + options)
  }

  public static func ipOrCIDR(_ name: String = "", _ options: FieldOption...) -> Field {
    Field(name, .string, [.validated(by: .ipOrCIDR)] + options)
  }

  /// Header names to arrays of values.
  public static func headers(_ name: String, keys: Field = .headerName(), _ options: FieldOption...) -> Field {
    Field(name, .map(keys: keys.with(.required), values: .array(of: .string()).with(.required)), options)
  }

  /// Host names, each with at most one wildcard as its first or last label, and an optional port.
  public static func hosts(_ name: String, _ options: FieldOption...) -> Field {
    let element: Field = .string(
      .matchesAll(PatternRule("^[^*]*%*?[^*]*$", "invalid wildcard: must have at most one wildcard")),
      .matchesAny(
        ["^%*%.", "%.%*$", "^[^*]*$"], "invalid wildcard: must be placed at leftmost or rightmost label"),
      .validated(by: .routeHost))
    return Field(name, .array(of: element.with(.required)), options)
  }

  /// Paths of routes: plain, or `~` and a regular expression.
  public static func routePaths(_ name: String, _ options: FieldOption...) -> Field {
    let element: Field = .string(
      .matchesAny(["^/", "^~/"], "should start with: / (fixed path) or ~/ (regex path)"),
      .matchesNone(PatternRule("//", "must not have empty segments")),
      .validated(by: .routePath))
    return Field(name, .array(of: element.with(.required)), options)
  }
}
