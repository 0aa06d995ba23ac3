// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Messages name the field and what is expected; they never hold what a secret field was given.
@Suite struct SecretMessageTests {
  private static let secret = "hunter2hunter2"

  static let documents = [
    "plugins: [{name: rate-limiting, config: {minute: 1, policy: redis, redis: \(secret)}}]",
    "plugins: [{name: rate-limiting, config: {minute: 1, policy: redis, redis: {host: h, password: [\(secret)]}}}]",
    "plugins: [{name: http-log, config: {http_endpoint: \(secret)}}]",
    "plugins: [{name: http-log, config: {http_endpoint: \"ftp://u:\(secret)@h/\"}}]",
    "certificates: [{cert: \(secret), key: \(secret)}]",
    "keys: [{kid: a, jwk: \(secret)}]",
    "consumers: [{username: a, keyauth_credentials: [{key: \(secret)}, {key: \(secret)}]}]",
    "consumers: [{username: a, keyauth_credentials: [{key: [\(secret)]}]}]",
    "consumers: [{username: a, basicauth_credentials: [{username: a, password: {a: \(secret)}}]}]",
    "consumers: [{username: a, jwt_secrets: [{key: k, secret: [\(secret)]}]}]",
    "consumers: [{username: a, hmacauth_credentials: [{username: a, secret: [\(secret)]}]}]",
    "plugins: [{name: http-log, config: {http_endpoint: \"http://h/\", headers: {X-A: [\(secret)]}}}]",
    "vaults: [{name: env, prefix: !!int \(secret)}]",
  ]

  @Test(arguments: Self.documents) func parseDoesNotShowThem(_ document: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("_format_version: \"3.0\"\n\(document)\n", to: "kong.yml")
    let result = try GatewayCommand.run(
      ["config", "parse", file.path], environment: ["GIBBON_PREFIX": folder.url.path], folder: folder.url)
    #expect(result.exitCode == 1, "\(result.allOutput)")
    #expect(result.errorOutput.contains("kong.yml:2: "), "\(result.allOutput)")
    #expect(!result.allOutput.contains("hunter2"), "\(result.allOutput)")
  }

  @Test func aRefusedReloadDoesNotShowThem() throws {
    let gateway = try GatewayProcess(Declarative.service(port: 1))
    try gateway.rewrite("_format_version: \"3.0\"\n" + Self.documents.joined(separator: "\n") + "\n")
    #expect(try gateway.command("reload").exitCode == 1)
    for document in Self.documents.dropLast() {
      try gateway.rewrite("_format_version: \"3.0\"\n\(document)\n")
      let result = try gateway.command("reload")
      #expect(result.exitCode == 1 && !result.allOutput.contains("hunter2"), "\(result.allOutput)")
    }
    let status = contents(of: gateway.folder.file("reload.status"))
    #expect(status.contains("error") && !status.contains("hunter2"), "\(status)")
    #expect(!gateway.log.contains("hunter2"), "\(gateway.log)")
    #expect(try gateway.get("/").status == 502)
  }

  @Test func theStandardConfigurationDoesNotShowThem() throws {
    let folder = try TemporaryFolder()
    for line in [
      "pg_password = \(Self.secret)\npg_port = x", "nonsense \(Self.secret)",
      "proxy_server = \(Self.secret)", "log_level = {vault://env/level}",
    ] {
      let conf = try folder.write(line + "\n", to: "gibbon.conf")
      let result = try GatewayCommand.run(
        ["check", conf.path, "--vv"], environment: ["LEVEL": Self.secret], folder: folder.url)
      #expect(result.exitCode == 1 && !result.allOutput.contains("hunter2"), "\(result.allOutput)")
    }
    let conf = try folder.write("pg_user = {vault://env/user}\npg_password = \(Self.secret)\n", to: "gibbon.conf")
    let result = try GatewayCommand.run(
      ["check", conf.path, "--vv"], environment: ["USER": Self.secret], folder: folder.url)
    #expect(result.exitCode == 0 && !result.allOutput.contains("hunter2"), "\(result.allOutput)")
    #expect(result.allOutput.contains("pg_user = {vault://env/user}"), "\(result.allOutput)")
  }
}
