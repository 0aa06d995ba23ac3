// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// TLS, certificates, and a replica, by the properties of a gateway.
@Suite struct PostgresAccessTests {
  /// By certificate over TLS, with the server's certificate verified.
  private func secured(_ cluster: PostgresCluster, database: String) -> [String: String] {
    var settings = cluster.settings(database: database)
    settings["pg_password"] = nil
    return settings.merging([
      "pg_host": "localhost", "pg_user": "certified", "pg_ssl": "on", "pg_ssl_required": "on", "pg_ssl_verify": "on",
      "lua_ssl_trusted_certificate": cluster.authorities.path, "pg_ssl_cert": cluster.client.certificate.path,
      "pg_ssl_cert_key": cluster.client.key.path,
    ]) { $1 }
  }

  @Test func aGatewayLogsInByCertificate() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let gateway = try GatewayProcess(
      administered: nil, settings: self.secured(nodes.cluster, database: nodes.database))
    try nodes.makeRoute("r", at: gateway)
    try gateway.await("/r", 200)
    // All of its connections, the one that hears of changes too.
    let sessions = try nodes.cluster.run(
      """
      SELECT count(*) FILTER (WHERE application_name = 'gibbon change feed'), count(*) FILTER (WHERE NOT ssl), \
      count(DISTINCT client_dn), min(client_dn) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
      WHERE datname = '\(nodes.database)' AND application_name LIKE 'gibbon%'
      """, database: "postgres")
    #expect(sessions == "1|0|1|/CN=certified")
  }

  @Test func whatIsNotVerifiedEndsTheStart() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let right = self.secured(nodes.cluster, database: nodes.database)
    let mistakes: [(change: [String: String], word: String)] = [
      // Its certificate is for localhost.
      (["pg_host": "127.0.0.1"], "does not match host name"),
      (["lua_ssl_trusted_certificate": nodes.cluster.client.certificate.path], "certificate verify failed"),
      // The key is not the certificate's.
      (["pg_ssl_cert": nodes.cluster.authorities.path], "key values mismatch"),
    ]
    for mistake in mistakes {
      let folder = try TemporaryFolder()
      let text = GatewayProcess.configuration(
        folder: folder, port: try FreePort().number, settings: right.merging(mistake.change) { $1 })
      let conf = try folder.write(text, to: "gibbon.conf")
      let result = try GatewayCommand.run(
        ["start", "--foreground", "-c", conf.path, "-p", folder.url.path], folder: folder.url)
      #expect(result.exitCode == 1 && result.errorOutput.contains(mistake.word), "\(result.allOutput)")
    }
  }

  @Test func aReplicaThatLagsHidesNothing() throws {
    let nodes = try PostgresNodes(.stop)
    // The database must be set up before it can be copied.
    let first = try nodes.start()
    try nodes.makeRoute("r", at: first)
    try first.create("/services/r/plugins", ["name": "key-auth"])
    try first.create("/consumers", ["username": "ada"])
    try first.create("/consumers/ada/key-auth", ["key": "old"])
    try first.create("/consumers/ada/key-auth", ["key": "unused"])
    let standby = try PostgresStandby(of: nodes.cluster)
    let gateway = try nodes.start(standby.settings)
    try gateway.await("/r", 200, headers: [("apikey", "old")])
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gibbon'"
    #expect(try standby.run(sessions, database: "postgres") != "0")

    try standby.pause()
    let id = try gateway.create("/consumers/ada/key-auth", ["key": "new"]).id
    #expect(standby.revision(database: nodes.database) < gateway.revision)
    #expect(try gateway.get("/r", headers: [("apikey", "new")]).text == "ada")
    expect(try gateway.admin("GET", "/consumers/ada/key-auth/\(id)"), 200)
    // And what another node writes, once this one has heard of it.
    try first.create("/consumers", ["username": "bob"])
    try first.create("/consumers/bob/key-auth", ["key": "of-bob"])
    try Deadline.wait(for: "the change") { gateway.revision == first.revision }
    #expect(try gateway.get("/r", headers: [("apikey", "of-bob")]).text == "bob")
    expect(try gateway.admin("DELETE", "/consumers/ada/key-auth/\(id)"), 204)
    #expect(try gateway.get("/r", headers: [("apikey", "new")]).status == 401)

    // With the server away, credentials that are not in memory are found on the replica.
    try standby.resume()
    try standby.awaitServer(database: nodes.database)
    nodes.cluster.stop()
    #expect(try gateway.get("/r", headers: [("apikey", "unused")]).text == "ada")
    expect(try gateway.admin("GET", "/consumers/bob"), 200)
    expect(try gateway.admin("POST", "/consumers", .json(["username": "eve"])), 503)
    standby.stop()
    try nodes.cluster.start()
    try Deadline.wait(for: "writes") {
      try gateway.admin("PUT", "/consumers/eve", .json(["username": "eve"])).status == 200
    }
    // And without the replica all is as before.
    expect(try gateway.admin("GET", "/consumers/eve"), 200)
  }

  @Test func whatWaitingDoesNotHelpIsSaidAtOnce() throws {
    let nodes = try PostgresNodes()
    defer { nodes.remove() }
    let settings = nodes.cluster.settings(database: nodes.database)
    func failure(_ name: String, _ value: String) throws -> String {
      try StartFailure.text(settings.merging([name: value]) { _, new in new })
    }
    #expect(try failure("pg_password", "wrong").contains("password authentication failed"))
    #expect(try failure("pg_database", "nowhere").contains("\"nowhere\" does not exist"))
    #expect(!(try failure("pg_password", "secret-text").contains("secret-text")))
  }
}
