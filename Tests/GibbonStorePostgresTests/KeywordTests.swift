// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonStorePostgres

/// What libpq is told.
@Suite struct KeywordTests {
  private func words(_ change: (inout PostgresServer) -> Void = { _ in }) -> [String: String] {
    var server = PostgresServer(host: "db", port: 5433, database: "kong", user: "me")
    change(&server)
    return Dictionary(server.keywords(application: "gibbon")) { first, _ in first }
  }

  @Test func aServerIsNamed() {
    let words = self.words()
    #expect(words["host"] == "db" && words["port"] == "5433" && words["dbname"] == "kong" && words["user"] == "me")
    #expect(words["sslmode"] == "disable")
    // An empty one keeps a variable of the environment from having a say.
    #expect(words["password"] == "" && words["options"] == "")
  }

  @Test func encryptionHasItsModes() {
    #expect(self.words { $0.encryption = .preferred }["sslmode"] == "prefer")
    #expect(self.words { $0.encryption = .required }["sslmode"] == "require")
    let verified = self.words { $0.encryption = .verified(authorities: "/ca.pem") }
    #expect(verified["sslmode"] == "verify-full" && verified["sslrootcert"] == "/ca.pem")
    let certified = self.words { $0.certificate = .init(file: "/a.crt", keyFile: "/a.key") }
    #expect(certified["sslcert"] == "/a.crt" && certified["sslkey"] == "/a.key")
  }
}
