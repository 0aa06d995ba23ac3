// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `/vaults` (facts: entities.md 2).
@Suite struct AdminVaultTests {
  private typealias Admin = AdminGateway

  @Test func aVaultIsFoundByItsPrefix() throws {
    let body: JSON = ["name": "env", "prefix": "my-env", "config": ["prefix": "SECRET_"], "description": "ours"]
    let reply = try Admin.send("POST", "/vaults", .json(body))
    expect(reply, 201)
    #expect(
      reply.json.without("id", "created_at", "updated_at")
        == body.with(["tags": nil, "config": reply.json["config"]]))
    #expect(reply.json["config"]["prefix"] == "SECRET_")
    expect(try Admin.send("GET", "/vaults/my-env"), 200, reply.json)
    expect(
      try Admin.send("POST", "/vaults", .json(body)), 409, AdminError.duplicate("prefix", of: "my-env"))
    expect(try Admin.send("DELETE", "/vaults/my-env"), 204)
    expect(try Admin.send("GET", "/vaults/my-env"), 404, AdminError.notFound)
  }

  static let violations: [(JSON, String, String)] = [
    ([:], "name", "required field missing"),
    (["name": "hcv", "prefix": "my-hcv"], "name", "vault 'hcv' is not installed"),
    (["name": "env"], "prefix", "required field missing"),
    (["name": "env", "prefix": "env"], "prefix", "must not be one of: env"),
    (["name": "env", "prefix": "My_Env"], "prefix", "invalid value: My_Env"),
    (["name": "env", "prefix": "x1-y", "nope": 1], "nope", "unknown field"),
  ]

  @Test(arguments: Self.violations) func badVaultIsRefused(body: JSON, field: String, message: String) throws {
    expect(try Admin.send("POST", "/vaults", .json(body)), 400, AdminError.violation(field, message))
  }

  @Test func configurationIsChecked() throws {
    let body: JSON = ["name": "env", "prefix": "bad-config", "config": ["nope": 1]]
    expect(
      try Admin.send("POST", "/vaults", .json(body)), 400,
      AdminError.violation("schema violation (config.nope: unknown field)", ["config": ["nope": "unknown field"]]))
  }
}
