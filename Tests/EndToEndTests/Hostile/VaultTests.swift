// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Secrets in the environment, and references to them in entities (facts: config-cli.md 6).
@Suite struct VaultTests {
  private static let environment = [
    "LOG_TOKEN": "of-the-log", "SHOP_LOG": #"{"token": "of-the-shop"}"#, "NO_URL": "secret-that-is-no-url",
    "LOG_TOKEN_PREVIOUS": "of-before",
  ]

  private func file(_ server: LogServer, _ token: String, more: String = "") -> String {
    Declarative.service(
      port: 1,
      global: """
        vaults:
        - {name: env, prefix: my-shop, config: {prefix: shop_}}
        plugins:
        - name: http-log
          config: {http_endpoint: "\(server.url)/log", headers: {X-Token: "\(token)"}}
        \(more)
        """)
  }

  @Test(arguments: [
    ("{vault://env/log-token}", "of-the-log"), ("{vault://env/token?prefix=log_}", "of-the-log"),
    ("{vault://env/log-token#2}", "of-before"), ("{vault://my-shop/log/token}", "of-the-shop"),
  ])
  func theSecretReachesTheServer(_ reference: String, _ value: String) throws {
    let server = try LogServer()
    let gateway = try GatewayProcess(
      administered: nil, declarative: self.file(server, reference), environment: Self.environment)
    #expect(try gateway.get("/").status == 502)
    #expect(try server.wait(1).first?.head["X-Token"] == value)
    // The reference, not the secret, is what is shown.
    let shown = try gateway.admin("GET", "/plugins")
    #expect(shown.text.contains(reference) && !shown.text.contains(value), "\(shown)")
    #expect(!(try gateway.admin("GET", "/config")).text.contains(value))
  }

  @Test func startRefusesWhatStandsForNothing() throws {
    let folder = try TemporaryFolder()
    let server = try LogServer()
    let file = try folder.write(self.file(server, "{vault://env/absent}"), to: "kong.yml")
    let conf = try folder.write(
      GatewayProcess.configuration(folder: folder, port: 1, settings: [:]), to: "gibbon.conf")
    for command in [["start", "--foreground", "-c", conf.path], ["config", "parse", file.path]] {
      let result = try GatewayCommand.run(command + ["-p", folder.url.path], folder: folder.url)
      #expect(result.exitCode == 1)
      #expect(
        result.errorOutput.contains("config.headers.X-Token: unable to resolve reference {vault://env/absent}"),
        "\(result.allOutput)")
      #expect(result.errorOutput.contains("kong.yml:"), "\(result.allOutput)")
    }
  }

  @Test func whatStandsForNothingIsNotStored() throws {
    let gateway = try GatewayProcess(administered: nil, environment: Self.environment)
    let server = try LogServer()
    func plugin(_ endpoint: String) -> JSON { ["name": "http-log", "config": ["http_endpoint": .string(endpoint)]] }
    let absent = try gateway.admin("POST", "/plugins", .json(plugin("{vault://env/absent}")))
    #expect(absent.status == 400 && absent.json["code"] == 2, "\(absent)")
    #expect(
      absent.json["fields"]["config"]["http_endpoint"].string?
        .hasPrefix("unable to resolve reference {vault://env/absent} (could not get value from external vault") == true)
    let unfit = try gateway.admin("POST", "/plugins", .json(plugin("{vault://env/no-url}")))
    #expect(unfit.status == 400 && !unfit.text.contains("secret-that"), "\(unfit)")
    let certificate = try gateway.admin(
      "POST", "/certificates", .json(["cert": "{vault://env/absent}", "key": "{vault://nowhere/absent}"]))
    #expect(certificate.status == 400, "\(certificate)")
    let made = try gateway.create("/plugins", plugin("\(server.url)/x"))
    let path = "/plugins/\(made.json["id"].string ?? "")"
    for method in ["PATCH", "PUT"] {
      #expect(try gateway.admin(method, path, .json(plugin("{vault://env/absent}"))).status == 400)
    }
    expect(try gateway.admin("GET", path), 200, made.json)
    #expect(try gateway.get("/").status == 404)
    #expect(!gateway.log.contains("secret-that"))
  }

  @Test func aChangedVaultTakesEffectAndAMissingSecretClosesOnlyItsPlugin() throws {
    let origin = try Origin()
    let server = try LogServer()
    let gateway = try GatewayProcess(
      administered: nil, environment: Self.environment.merging(["OTHER_LOG": #"{"token": "other"}"#]) { old, _ in old })
    try gateway.create("/services", ["name": "a", "url": .string("http://127.0.0.1:\(origin.port)")])
    try gateway.create("/services/a/routes", ["paths": ["/a"]])
    try gateway.create("/vaults", ["name": "env", "prefix": "my-shop", "config": ["prefix": "shop_"]])
    try gateway.create(
      "/services/a/plugins",
      [
        "name": "http-log",
        "config": [
          "http_endpoint": .string(server.url), "headers": ["X-Token": "{vault://my-shop/log/token}"],
        ],
      ])
    #expect(try gateway.get("/a").status == 200)
    #expect(try server.wait(1).last?.head["X-Token"] == "of-the-shop")
    expect(try gateway.admin("PATCH", "/vaults/my-shop", .json(["config": ["prefix": "other_"]])), 200)
    #expect(try gateway.get("/a").status == 200)
    #expect(try server.wait(2).last?.head["X-Token"] == "other")
    expect(try gateway.admin("DELETE", "/vaults/my-shop"), 204)
    #expect(try gateway.get("/a").status == 500)
    try gateway.waitForLog("could not find vault (my-shop)")
    #expect(try gateway.get("/elsewhere").status == 404)
  }

  // MARK: gibbon vault get

  private func get(_ arguments: String..., environment: [String: String] = Self.environment) throws -> GatewayCommand {
    let folder = try TemporaryFolder()
    try folder.write(
      "_format_version: \"3.0\"\nvaults: [{name: env, prefix: my-shop, config: {prefix: shop_}}]\n", to: "kong.yml")
    let conf = try folder.write(
      GatewayProcess.configuration(folder: folder, port: 1, settings: [:]), to: "gibbon.conf")
    return try GatewayCommand.run(
      ["vault", "get"] + arguments + ["-c", conf.path, "-p", folder.url.path], environment: environment,
      folder: folder.url)
  }

  @Test(arguments: [
    ("env/log-token", "of-the-log\n"), ("env/log_token", "of-the-log\n"), ("{vault://env/log-token#2}", "of-before\n"),
    ("my-shop/log/token", "of-the-shop\n"),
  ])
  func vaultGetPrintsTheSecret(_ reference: String, _ value: String) throws {
    let result = try self.get(reference)
    #expect(result.exitCode == 0 && result.output == value && result.errorOutput == "", "\(result.allOutput)")
  }

  @Test func vaultGetSaysWhatIsWrong() throws {
    for (reference, words) in [
      ("none/foo", "Error: could not find vault (none)"), ("env/none", "could not get value from external vault"),
      ("env", "reference url is missing path"),
    ] {
      let result = try self.get(reference)
      #expect(result.exitCode == 1 && result.output == "" && result.errorOutput.contains(words), "\(result.allOutput)")
    }
    #expect(try self.get().errorOutput.contains("Error: the 'get' command needs a <reference> argument"))
  }

  @Test func vaultGetObeysTheProperty() throws {
    let environment = ["KONG_VAULT_ENV_PREFIX": "SECRETS-AGAIN-", "SECRETS_AGAIN_TEST_TOO": "value"]
    #expect(try self.get("env/test-too", environment: environment).output == "value\n")
  }
}
