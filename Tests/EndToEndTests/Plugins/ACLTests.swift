// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The acl plugin (facts: plugins.md 1).
@Suite struct ACLTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative) }

  private static func declarative(port: Int) -> String {
    let configurations = [
      ("allow", "{allow: [staff, admins]}"), ("deny", "{deny: [banned]}"),
      ("hidden", "{allow: [staff], hide_groups_header: true}"),
    ]
    let routes = configurations.flatMap { name, configuration in
      [(name, configuration, "{}"), ("\(name)-anonymous", configuration, "{anonymous: nobody}")]
    }.map { name, configuration, keys in
      """
        - name: \(name)
          paths: [/\(name)]
          plugins:
          - {name: acl, config: \(configuration)}
          - {name: key-auth, config: \(keys)}
      """
    }
    return """
      _format_version: "3.0"
      services:
      - name: origin
        url: http://127.0.0.1:\(port)
        routes:
      \(routes.joined(separator: "\n"))
        - name: open
          paths: [/open]
          plugins:
          - {name: acl, config: {deny: [banned]}}
      consumers:
      - username: ann
        keyauth_credentials: [{key: ann}]
        acls:
        - {id: 6c2f1cd2-2a6b-4d7c-9d7b-000000000002, group: staff}
        - {id: 6c2f1cd2-2a6b-4d7c-9d7b-000000000001, group: readers}
      - username: bob
        keyauth_credentials: [{key: bob}]
        acls: [{group: banned}]
      - username: cid
        keyauth_credentials: [{key: cid}]
      - username: nobody
      acls:
      - {consumer: bob, group: readers}
      """
  }

  private func get(_ route: String, _ key: String?, _ headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get("/\(route)", headers: (key.map { [("apikey", $0)] } ?? []) + headers)
  }

  private func expectRefused(_ response: Response, _ status: Int) throws {
    #expect(response.status == status)
    let message = status == 401 ? "Unauthorized" : "You cannot consume this service"
    let id = try #require(response["X-Kong-Request-Id"])
    #expect(response.text == "{\n  \"message\":\"\(message)\",\n  \"request_id\":\"\(id)\"\n}")
    #expect(response["WWW-Authenticate"] == nil)
  }

  @Test func membersAreLetInAndTheirGroupsAreTold() throws {
    let forged = [("X-Consumer-Groups", "admins"), ("X-Authenticated-Groups", "admins")]
    let head = try self.get("allow", "ann", forged).echo().head
    #expect(head.all("X-Consumer-Groups") == ["readers, staff"])
    #expect(head.all("X-Authenticated-Groups") == [])
    let hidden = try self.get("hidden", "ann", forged).echo().head
    #expect(hidden.all("X-Consumer-Groups") == [])
    #expect(hidden.all("X-Consumer-Username") == ["ann"])
  }

  @Test func othersAreRefused() throws {
    for key in ["bob", "cid"] { try self.expectRefused(try self.get("allow", key), 403) }
    try self.expectRefused(try self.get("allow-anonymous", nil), 401)
    #expect(try self.get("allow-anonymous", "ann").status == 200)
  }

  @Test func deniedGroupsAreKeptOut() throws {
    try self.expectRefused(try self.get("deny", "bob"), 403)
    #expect(try self.get("deny", "ann").echo().head.all("X-Consumer-Groups") == ["readers, staff"])
    // Who is in no group is told so.
    #expect(try self.get("deny", "cid").echo().head.all("X-Consumer-Groups") == [""])
    #expect(try self.get("deny-anonymous", nil).echo().head.all("X-Consumer-Groups") == [""])
  }

  @Test func withoutAuthenticationNobodyPasses() throws { try self.expectRefused(try self.get("open", "ann"), 401) }

  @Test func aFileWithoutListsIsRefused() throws {
    #expect(throws: HarnessError.self) {
      try GatewayProcess("_format_version: \"3.0\"\nplugins: [{name: acl}]\n")
    }
  }
}
