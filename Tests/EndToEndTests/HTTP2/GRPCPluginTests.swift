// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// JSON and gRPC-Web in front of a gRPC service, over both versions of HTTP.
@Suite struct GRPCPluginTests {
  private static let proto = """
    syntax = "proto3";
    package test;
    import "google/api/annotations.proto";
    message Text { string text = 1; int64 number = 2; }
    service Echo {
      rpc Unary (Text) returns (Text) {
        option (google.api.http) = { post: "/v1/echo" body: "*" additional_bindings { get: "/v1/echo/{text}" } };
      }
      rpc Missing (Text) returns (Text) { option (google.api.http) = { get: "/v1/missing" }; }
    }
    """

  private let server: GRPCServer
  private let gateway: GatewayProcess

  init() throws {
    self.server = try GRPCServer()
    let folder = try TemporaryFolder()
    let file = try folder.write(Self.proto, to: "echo.proto")
    self.gateway = try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - name: g
        url: "grpc://127.0.0.1:\(self.server.port)"
        routes:
        - {name: gateway, paths: [/v1], plugins: [{name: grpc-gateway, config: {proto: \(file.path)}}]}
        - {name: web, paths: [/test.Echo], plugins: [{name: grpc-web}]}
      """, settings: ["proxy_listen": "127.0.0.1:@PORT@ http2"])
    withExtendedLifetime(folder) {}
  }

  private func curl(_ version: String, _ arguments: String) throws -> Shell.Result {
    try Shell.run(
      "curl -s \(version) -m 20 "
        + arguments.replacingOccurrences(of: "@", with: "http://127.0.0.1:\(self.gateway.port)"),
      in: self.gateway.folder.url)
  }

  private static let versions = ["--http1.1", "--http2-prior-knowledge"]

  @Test(arguments: versions) func jsonBecomesACall(version: String) throws {
    let posted = try self.curl(
      version, "-H 'Content-Type: application/json' -d '{\"text\":\"hi\",\"number\":\"42\"}' @/v1/echo")
    #expect(posted.output == "{\"text\":\"hi\",\"number\":\"42\"}", "\(posted.all)")
    let asked = try self.curl(version, "'@/v1/echo/hello?number=7'")
    #expect(asked.output == "{\"text\":\"hello\",\"number\":\"7\"}", "\(asked.all)")
  }

  @Test(arguments: versions) func jsonErrorsHaveAStatus(version: String) throws {
    let missing = try self.curl(version, "-D - -o /dev/null @/v1/missing")
    #expect(missing.output.lowercased().contains("grpc-status: 12"), "\(missing.all)")
    let unknown = try self.curl(version, "-w ' %{http_code}' @/v1/nothing")
    #expect(unknown.output.hasSuffix("400"), "\(unknown.all)")
  }

  /// The message, then the trailers as a frame.
  @Test(arguments: versions) func webCallsEndWithTheTrailers(version: String) throws {
    let message = "\\x00\\x00\\x00\\x00\\x04\\x0a\\x02hi"
    _ = try Shell.run("printf '\(message)' > frame; base64 -w0 frame > text", in: self.gateway.folder.url)
    let binary = try Shell.run(
      "curl -s \(version) -H 'Content-Type: application/grpc-web+proto' -T frame -X POST "
        + "http://127.0.0.1:\(self.gateway.port)/test.Echo/Unary | tr -d '\\0' | tr '\\r' ' '",
      in: self.gateway.folder.url)
    #expect(binary.output.contains("hi") && binary.output.contains("grpc-status:0"), "\(binary.all)")
    let text = try Shell.run(
      "curl -s \(version) -H 'Content-Type: application/grpc-web-text' -T text -X POST "
        + "http://127.0.0.1:\(self.gateway.port)/test.Echo/Unary | base64 -d | tr -d '\\0' | tr '\\r' ' '",
      in: self.gateway.folder.url)
    #expect(text.output.contains("hi") && text.output.contains("grpc-status:0"), "\(text.all)")
  }
}
