// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Certificates of clients, as nginx's directives ask for them.
@Suite struct ClientCertificateTests {
  private let folder: TemporaryFolder
  private let authority: TestAuthority
  private let origin: Origin

  init() throws {
    self.folder = try TemporaryFolder()
    self.authority = try TestAuthority(in: self.folder)
    self.origin = try Origin()
  }

  private func gateway(_ demand: String) throws -> GatewayProcess {
    try SecureListenerTests.gateway(
      self.origin,
      [
        "nginx_proxy_ssl_verify_client": demand, "nginx_proxy_ssl_client_certificate": self.authority.file.path,
        "nginx_proxy_ssl_verify_depth": "2",
      ])
  }

  private func curl(_ gateway: GatewayProcess, _ client: TestAuthority.Issued?) throws -> String {
    let option = client.map { "--cert \($0.certificateFile.path) --key \($0.keyFile.path)" } ?? ""
    return try Shell.run(
      "curl -sk \(option) https://localhost:\(gateway.port)/ -w '%{http_code}'", in: self.folder.url
    ).output
  }

  @Test func withoutARightOneItIs400() throws {
    let gateway = try self.gateway("on")
    let refused = try self.curl(gateway, nil)
    #expect(refused.hasSuffix("400") && refused.contains("No required SSL certificate was sent"), "\(refused)")
    let stranger = try TestAuthority("stranger", in: self.folder).issue("client.test")
    let foreign = try self.curl(gateway, stranger)
    #expect(foreign.hasSuffix("400") && foreign.contains("The SSL certificate error"), "\(foreign)")
    #expect(self.origin.requests.isEmpty)
    #expect(try self.curl(gateway, try self.authority.issue("client.test")).hasSuffix("200"))
  }

  @Test func optionalOnesMustBeRightWhereTheyAreShown() throws {
    let gateway = try self.gateway("optional")
    #expect(try self.curl(gateway, nil).hasSuffix("200"))
    let stranger = try TestAuthority("stranger", in: self.folder).issue("client.test")
    #expect(try self.curl(gateway, stranger).hasSuffix("400"))
    #expect(try self.curl(try self.gateway("optional_no_ca"), stranger).hasSuffix("200"))
  }
}
