// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@Suite struct RoutesTests {
  @Test(
    arguments: [
      ([:], "must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https'"),
      (["protocols": ["http"]], "must set one of 'methods', 'hosts', 'headers', 'paths' when 'protocols' is 'http'"),
      (
        ["protocols": ["tcp"]],
        "must set one of 'sources', 'destinations', 'snis' when 'protocols' is 'tcp', 'tls' or 'udp'"
      ),
      (["protocols": ["tls_passthrough"]], "must set snis when 'protocols' is 'tls_passthrough'"),
      (["protocols": ["grpc"]], "must set one of 'hosts', 'headers', 'paths' when 'protocols' is 'grpc'"),
      (["protocols": ["grpcs"]], "must set one of 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'grpcs'"),
      (
        ["protocols": ["grpc"], "paths": ["/"], "methods": ["GET"]],
        "methods: cannot set 'methods' when 'protocols' is 'grpc' or 'grpcs'"
      ),
      (
        ["protocols": ["grpc"], "paths": ["/"], "strip_path": true],
        "strip_path: cannot set 'strip_path' when 'protocols' is 'grpc' or 'grpcs'"
      ),
      (
        ["paths": ["/"], "sources": [["port": 1]]],
        "sources: cannot set 'sources' when 'protocols' is 'http' or 'https'"
      ),
      (
        ["protocols": ["tcp"], "sources": [["port": 1]], "paths": ["/"]],
        "paths: cannot set 'paths' when 'protocols' is 'tcp', 'tls', 'tls_passthrough' or 'udp'"
      ),
      (
        ["protocols": ["http"], "paths": ["/"], "snis": ["a"]],
        """
        'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'; snis: length must be 0
        """
      ),
      (
        ["protocols": ["http", "grpc"], "paths": ["/"]],
        "protocols: these sets are mutually exclusive: ('http', 'https'), ('grpc', 'grpcs')"
      ),
      (["protocols": ["ftp"], "paths": ["/"]], "protocols: unknown type: ftp"),
      (["protocols": [], "paths": ["/"]], "protocols: length must be at least 1"),
      (["protocols": .null, "paths": ["/"]], "protocols: required field missing"),
      (["methods": ["get"]], "methods.1: invalid value: get"),
      (["hosts": ["a", "*.*.b"]], "hosts.2: invalid wildcard: must have at most one wildcard"),
      (["hosts": ["a.*.b"]], "hosts.1: invalid wildcard: must be placed at leftmost or rightmost label"),
      (["hosts": ["a*"]], "hosts.1: invalid wildcard: must be placed at leftmost or rightmost label"),
      (["paths": ["a"]], "paths.1: should start with: / (fixed path) or ~/ (regex path)"),
      (
        ["paths": ["/"], "https_redirect_status_code": 200],
        """
        https_redirect_status_code: expected one of: 426, 301, 302, 307, 308
        """
      ),
      (
        ["paths": ["/"], "headers": ["host": ["a"]]],
        """
        headers: cannot contain 'host' header, which must be specified in the 'hosts' attribute
        """
      ),
      (["paths": ["/"], "path_handling": "v2"], "path_handling: expected one of: v0, v1"),
      (["protocols": ["tcp"], "sources": [[:]]], "at least one of these fields must be non-empty: 'ip', 'port'"),
    ] as [(JSONObject, String)])
  func refuses(input: JSONObject, message: String) {
    let found = outcome("routes", input)
    #expect(found.contains(message), "\(found)")
  }

  @Test(
    arguments: [
      ["snis": ["a.b"]], ["hosts": ["*.a", "b.*", "c:80"]], ["paths": ["~/a$", "/b"]], ["headers": ["X": ["~*a"]]],
      ["protocols": ["grpc"], "paths": ["/"]], ["protocols": ["tls_passthrough"], "snis": ["a"]],
      ["protocols": ["udp"], "destinations": [["ip": "10.0.0.0/8"]]], ["methods": ["GET"], "snis": ["*.b"]],
    ] as [JSONObject])
  func accepts(input: JSONObject) {
    #expect(!outcome("routes", input).contains("violation"))
  }

  @Test func grpcRoutesDoNotStripPathsByDefault() throws {
    #expect(try !entity(["protocols": ["grpc"], "paths": ["/"]], as: Route.self).stripPath)
  }

  @Test func expressionsExistInTheirFlavorOnly() {
    let expressions = EntityRegistry(
      routes: RoutesSchema.schema(flavor: .expressions) { $0["expression"] == "bad" ? "at 1: oops" : nil })
    #expect(outcome("routes", ["expression": "x"]).contains("expression: unknown field"))
    #expect(!outcome("routes", ["expression": "good", "priority": 1], in: expressions).contains("violation"))
    #expect(
      outcome("routes", ["expression": "bad"], in: expressions)
        == "schema violation (Router Expression failed validation: at 1: oops)")
    #expect(
      outcome("routes", ["expression": "x", "paths": ["/"]], in: expressions).contains(
        "cannot set 'expression' with 'methods', 'hosts', 'paths'"))
    #expect(
      outcome("routes", ["expression": "x", "regex_priority": 1], in: expressions).contains(
        "cannot set 'regex_priority' with 'expression' simultaneously"))
    #expect(outcome("routes", ["paths": ["/"], "priority": 1], in: expressions).contains("cannot set 'priority' with"))
    #expect(
      outcome("routes", [:], in: expressions).contains(
        "must set one of 'methods', 'hosts', 'headers', 'paths', 'snis', 'expression'"))
  }

  @Test func traditionalRoutesTakeNoWildcardSNIs() {
    let traditional = EntityRegistry(routes: RoutesSchema.schema(flavor: .traditional))
    #expect(outcome("routes", ["snis": ["*.a"]], in: traditional).contains("snis.1: invalid value: *.a"))
  }

  @Test func typesEveryField() throws {
    let route = try entity(
      [
        "name": "n", "protocols": ["https"], "https_redirect_status_code": 302, "strip_path": false,
        "preserve_host": true, "request_buffering": false, "response_buffering": false, "tags": ["t"],
        "service": reference, "snis": ["s"], "methods": ["GET"], "hosts": ["h"], "paths": ["/p"],
        "headers": ["X-A": ["1", "2"]], "regex_priority": 7, "path_handling": "v1",
      ], as: Route.self)
    #expect(route.name == "n" && route.protocols == [.https] && route.httpsRedirectStatusCode == 302)
    #expect(!route.stripPath && route.preserveHost && !route.requestBuffering && !route.responseBuffering)
    #expect(route.service == Workspace.defaultID && route.snis == ["s"] && route.methods == ["GET"])
    #expect(route.hosts == ["h"] && route.paths == ["/p"] && route.tags == ["t"])
    #expect(route.headers == [HeaderValues(name: "X-A", values: ["1", "2"])])
    #expect(route.regexPriority == 7 && route.pathHandling == .v1)
    let stream = try entity(["protocols": ["tcp"], "sources": [["ip": "1.2.3.4"], ["port": 5]]], as: Route.self)
    #expect(stream.sources == [.init(ip: "1.2.3.4"), .init(port: 5)])
  }
}
