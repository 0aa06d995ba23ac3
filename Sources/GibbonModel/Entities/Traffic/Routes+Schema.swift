// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

public enum RoutesSchema {
  /// The schema in the `traditional_compatible` flavor.
  public static let schema = Self.schema(flavor: .traditionalCompatible)

  /// The routes of a router flavor.
  ///
  /// - Parameter violation: what is wrong with a route's conditions, from the router that will compile them; nil where
  ///   the caller has no router.
  public static func schema(
    flavor: RouterFlavor, violation: (@Sendable (JSONObject) -> String?)? = nil
  ) -> EntitySchema {
    var checks = [Self.snisNeedTLS]
    if flavor == .traditional {
      checks.append(
        .custom(
          CustomCheck("conditions", fields: Self.matchers + ["protocols"], runsWithMissingFields: true) {
            violation?($0).map { [CheckViolation($0)] } ?? []
          }))
    } else {
      checks.append(
        .custom(
          CustomCheck(
            "expression", fields: Self.matchers + ["expression", "regex_priority", "priority", "protocols"],
            runsWithMissingFields: true
          ) { Self.expressionViolations(of: $0, violation) }))
    }
    return EntitySchema(
      Route.collection, RecordSchema(Self.fields(flavor), checks: checks),
      subschemas: EntitySchema.Subschemas(key: "protocols", byName: Self.subschemas(flavor))
    ) {
      $0.endpointKey = "name"
      $0.adminPath = EntitySchema.AdminPath("routes")
    }
  }

  private static let matchers = ["snis", "sources", "destinations", "methods", "hosts", "paths", "headers"]

  private static func fields(_ flavor: RouterFlavor) -> [Field] {
    var fields: [Field] = [
      .id,
      .createdAt,
      .updatedAt,
      .utf8Name("name"),
      .set(
        "protocols", of: .protocolName(), .required, .minLength(1), .default(["http", "https"]),
        .mutuallyExclusive(subsets: [
          ["http", "https"], ["tcp", "tls", "udp"], ["tls_passthrough"], ["grpc", "grpcs"],
        ])),
      .integer("https_redirect_status_code", .required, .default(426), .oneOf(426, 301, 302, 307, 308)),
      .boolean("strip_path", .required, .default(true)),
      .boolean("preserve_host", .required, .default(false)),
      .boolean("request_buffering", .required, .default(true)),
      .boolean("response_buffering", .required, .default(true)),
      .tags,
      .foreign("service", to: "services"),
      .set("snis", of: flavor == .traditional ? .sni() : .wildcardHost()),
      Self.addresses("sources"),
      Self.addresses("destinations"),
      Self.methods(),
      .hosts("hosts"),
      .routePaths("paths"),
      Self.headers(),
      .integer("regex_priority", .default(0)),
      .string("path_handling", .default("v0"), .oneOf("v0", "v1")),
    ]
    if flavor == .expressions {
      fields.append(.string("expression"))
      fields.append(.integer("priority", .required, .default(0), .between(0, 70_368_744_177_663)))
    }
    return fields
  }

  private static func methods(_ options: FieldOption...) -> Field {
    Field("methods", .set(of: .string(.matches("^%u+$")).with(.required)), options)
  }

  private static func headers(_ options: FieldOption...) -> Field {
    let host = PatternRule(
      "^[Hh][Oo][Ss][Tt]$", "cannot contain 'host' header, which must be specified in the 'hosts' attribute")
    return Field(
      "headers",
      .map(
        keys: .headerName("", .matchesNone(host)).with(.required),
        values: .array(of: .string()).with(.required)), options)
  }

  private static func addresses(_ name: String, _ options: FieldOption...) -> Field {
    let element = RecordSchema([.ipOrCIDR("ip"), .port("port")], checks: [.atLeastOneOf(["ip", "port"])])
    return Field(name, .set(of: .record(element)), options)
  }

  private static let snisNeedTLS: EntityCheck = .when(
    "protocols", .elements(.notOneOf("grpcs", "https", "tls", "tls_passthrough")), require: "snis", [.length(0)],
    message: "'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'")

  private static func expressionViolations(
    of route: JSONObject, _ violation: (@Sendable (JSONObject) -> String?)?
  ) -> [CheckViolation] {
    let hasExpression = route["expression"].map { !$0.isEmpty } ?? false
    let hasMatchers = Self.matchers.contains { route[$0].map { !$0.isEmpty } ?? false }
    func isSet(_ name: String) -> Bool { (route[name]?.intValue ?? 0) != 0 }
    let list = "'methods', 'hosts', 'paths', 'headers', 'snis', 'sources' or 'destinations'"
    let message: String
    if hasExpression, hasMatchers {
      message = "cannot set 'expression' with \(list) simultaneously"
    } else if hasExpression, isSet("regex_priority") {
      message = "cannot set 'regex_priority' with 'expression' simultaneously"
    } else if hasMatchers, isSet("priority") {
      message = "cannot set 'priority' with \(list) simultaneously"
    } else if hasExpression || hasMatchers, let found = violation?(route) {
      message = found
    } else {
      return []
    }
    return [CheckViolation("Router Expression failed validation: \(message)")]
  }
}

extension RoutesSchema {
  /// The rules by first protocol.
  private static func subschemas(_ flavor: RouterFlavor) -> [String: Subschema] {
    let http = Self.http(flavor)
    let stream = Self.stream(flavor)
    let grpc = Self.grpc(flavor)
    return [
      "http": http, "https": http, "tcp": stream, "tls": stream, "udp": stream, "tls_passthrough": stream,
      "grpc": grpc, "grpcs": grpc,
    ]
  }

  private static func candidates(_ names: [String], _ flavor: RouterFlavor) -> [String] {
    flavor == .expressions ? names + ["expression"] : names
  }

  private static func http(_ flavor: RouterFlavor) -> Subschema {
    let message = FieldOption.message
    return Subschema(
      fields: flavor == .expressions
        ? []
        : ["sources", "destinations"].map {
          Self.addresses($0, .mustBeNull, message("cannot set '\($0)' when 'protocols' is 'http' or 'https'"))
        },
      checks: [
        .conditionalAtLeastOneOf(
          EntityCheck.ConditionalAtLeastOneOf(
            "protocols", [.contains("https")],
            Self.candidates(["methods", "hosts", "headers", "paths", "snis"], flavor),
            message: "must set one of %s when 'protocols' is 'https'",
            otherwise: .init(
              [.contains("http")], Self.candidates(["methods", "hosts", "headers", "paths"], flavor),
              message: "must set one of %s when 'protocols' is 'http'")))
      ])
  }

  private static func stream(_ flavor: RouterFlavor) -> Subschema {
    func message(_ name: String) -> FieldOption {
      .message("cannot set '\(name)' when 'protocols' is 'tcp', 'tls', 'tls_passthrough' or 'udp'")
    }
    return Subschema(
      fields: [
        Self.methods(.mustBeNull, message("methods")),
        .hosts("hosts", .mustBeNull, message("hosts")),
        .routePaths("paths", .mustBeNull, message("paths")),
        Self.headers(.mustBeNull, message("headers")),
      ],
      checks: [
        .conditionalAtLeastOneOf(
          EntityCheck.ConditionalAtLeastOneOf(
            "protocols", [.elements(.oneOf("tcp", "tls", "udp"))],
            Self.candidates(["sources", "destinations", "snis"], flavor),
            message: "must set one of %s when 'protocols' is 'tcp', 'tls' or 'udp'")),
        .conditionalAtLeastOneOf(
          EntityCheck.ConditionalAtLeastOneOf(
            "protocols", [.elements(.oneOf("tls_passthrough"))], Self.candidates(["snis"], flavor),
            message: "must set snis when 'protocols' is 'tls_passthrough'")),
      ])
  }

  private static func grpc(_ flavor: RouterFlavor) -> Subschema {
    func message(_ name: String) -> FieldOption {
      .message("cannot set '\(name)' when 'protocols' is 'grpc' or 'grpcs'")
    }
    var fields: [Field] = [
      .boolean("strip_path", .required, .default(false), .notEqual(to: true), message("strip_path")),
      Self.methods(.mustBeNull, message("methods")),
    ]
    if flavor != .expressions {
      fields += ["sources", "destinations"].map { Self.addresses($0, .mustBeNull, message($0)) }
    }
    return Subschema(
      fields: fields,
      checks: [
        .conditionalAtLeastOneOf(
          EntityCheck.ConditionalAtLeastOneOf(
            "protocols", [.contains("grpcs")], Self.candidates(["hosts", "headers", "paths", "snis"], flavor),
            message: "must set one of %s when 'protocols' is 'grpcs'",
            otherwise: .init(
              [.contains("grpc")], Self.candidates(["hosts", "headers", "paths"], flavor),
              message: "must set one of %s when 'protocols' is 'grpc'")))
      ])
  }
}
