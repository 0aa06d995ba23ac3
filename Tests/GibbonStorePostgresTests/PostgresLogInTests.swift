// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonModel
import GibbonStore
import GibbonStorePostgres
import GibbonTesting
import Testing

/// Passwords, certificates and TLS.
@Suite struct PostgresLogInTests {
  /// `in`, or why a node with these settings has no connection.
  private func outcome(_ change: (inout PostgresServer) -> Void) async throws -> String {
    let cluster = try PostgresCluster.shared()
    var server = PostgresServer(
      host: "127.0.0.1", port: cluster.port, database: "postgres", user: PostgresCluster.user)
    server.password = PostgresCluster.password
    server.timeoutMilliseconds = 30_000
    change(&server)
    let store = PostgresStore(server, registry: EntityRegistry(plugins: []), now: { 0 })
    let outcome: String
    do {
      _ = try await store.migrationState(MigrationPlan(plugins: []))
      outcome = "in"
    } catch {
      outcome = "\(error)"
    }
    await store.close()
    return outcome
  }

  @Test func aPasswordIsAsked() async throws {
    let right = try await self.outcome { _ in }
    let wrong = try await self.outcome { $0.password = "wrong" }
    let none = try await self.outcome { $0.password = nil }
    #expect(right == "in")
    #expect(wrong.contains("password authentication failed"))
    #expect(none.contains("no password supplied"))
  }

  @Test func theSocketNeedsNone() async throws {
    let folder = try PostgresCluster.shared().run("SHOW unix_socket_directories", database: "postgres")
    let outcome = try await self.outcome {
      $0.host = folder
      $0.password = nil
    }
    #expect(outcome == "in")
  }

  @Test(arguments: [PostgresServer.Encryption.preferred, .required])
  func aConnectionMayBeEncrypted(encryption: PostgresServer.Encryption) async throws {
    let outcome = try await self.outcome { $0.encryption = encryption }
    #expect(outcome == "in")
  }

  @Test func theServerIsVerified() async throws {
    let cluster = try PostgresCluster.shared()
    let right = PostgresServer.Encryption.verified(authorities: cluster.authorities.path)
    let verified = try await self.outcome {
      $0.host = "localhost"
      $0.encryption = right
    }
    #expect(verified == "in")
    // The certificate is for another name, or by somebody else.
    let otherName = try await self.outcome { $0.encryption = right }
    #expect(otherName.contains("does not match host name"))
    let otherAuthority = try await self.outcome {
      $0.host = "localhost"
      $0.encryption = .verified(authorities: cluster.client.certificate.path)
    }
    #expect(otherAuthority.contains("certificate verify failed"))
  }

  @Test func aCertificateLogsIn() async throws {
    let cluster = try PostgresCluster.shared()
    func server(_ server: inout PostgresServer) {
      server.user = "certified"
      server.password = nil
      server.encryption = .required
    }
    let with = try await self.outcome {
      server(&$0)
      $0.certificate = .init(file: cluster.client.certificate.path, keyFile: cluster.client.key.path)
    }
    let without = try await self.outcome(server)
    #expect(with == "in")
    #expect(without.contains("certificate"))
  }
}
