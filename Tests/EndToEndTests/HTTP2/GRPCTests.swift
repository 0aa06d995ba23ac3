// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// gRPC through the gateway, between a client and a server of grpcio.
@Suite struct GRPCTests {
  static let cases = [
    "unary", "metadata", "large", "deadline", "errors", "trailers_only", "client_stream", "server_stream",
    "bidirectional", "cancellation", "parallel",
  ]

  /// - Parameter more: of the service.
  static func configuration(_ scheme: String, _ port: Int, _ more: String = "", plugins: String = "[]") -> String {
    """
    _format_version: "3.0"
    services:
    - name: s
      url: \(scheme)://localhost:\(port)
      \(more)
      routes: [{name: r, protocols: [grpc, grpcs], paths: [/test.Echo]}]
    plugins: \(plugins)
    """
  }

  @Test func inPlainText() throws {
    let server = try GRPCServer()
    let gateway = try GatewayProcess(
      Self.configuration("grpc", server.port), settings: ["proxy_listen": "127.0.0.1:@PORT@ http2"])
    let result = try Peers.run("grpc_client.py", ["127.0.0.1:\(gateway.port)"], in: gateway.folder)
    #expect(result.code == 0 && result.output == Self.cases.map { "ok \($0)\n" }.joined(), "\(result.all)")
  }

  @Test func inTLSOnBothSides() throws {
    let folder = try TemporaryFolder()
    let authority = try TestAuthority(in: folder)
    let server = try GRPCServer(try authority.issue("localhost"))
    let shown = try authority.issue("localhost", file: "gateway")
    let gateway = try GatewayProcess(
      Self.configuration("grpcs", server.port),
      settings: [
        "proxy_listen": "127.0.0.1:@PORT@ http2 ssl", "ssl_cert": shown.certificateFile.path,
        "ssl_cert_key": shown.keyFile.path,
      ])
    let result = try Peers.run(
      "grpc_client.py", ["localhost:\(gateway.port)", "--authority", authority.file.path], in: gateway.folder)
    #expect(result.code == 0 && result.output == Self.cases.map { "ok \($0)\n" }.joined(), "\(result.all)")
  }
}
