// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

/// Files of another kind given as the configuration.
@Suite struct StrangeFileTests {
  private func faults(_ text: String) -> [String] {
    ConfigurationFile(text: text, path: "kong.yml").problems.map(\.description)
  }

  @Test func configurationOf2015IsToldWhatItIs() {
    let text = """
      ## Kong configuration
      plugins_available:
        - ssl
        - key-auth
      nginx_working_dir: /usr/local/kong/
      proxy_port: 8000
      admin_api_port: 8001
      database: cassandra
      databases_available:
        cassandra:
          properties:
            contact_points:
              - "localhost:9042"
            keyspace: kong
      """
    let problems = self.faults(text)
    #expect(problems.count == 1, "one answer, not one for each line")
    for word in ["YAML", "2015", "gibbon config defaults", "cassandra_contact_points"] {
      #expect(problems.first?.contains(word) == true, "\(problems)")
    }
  }

  @Test func declarativeFileIsToldWhereItBelongs() {
    let problems = self.faults("_format_version: \"3.0\"\nservices:\n- name: a\n  url: http://a\n")
    #expect(problems.count == 1)
    #expect(problems.first?.contains("declarative_config") == true, "\(problems)")
  }

  @Test func anOrdinaryMistakeIsToldByItsLine() {
    #expect(self.faults("proxy_listen = 0.0.0.0:8000\nno equals sign\n").first?.contains(":2") == true)
    #expect(self.faults("no equals sign\n").first?.contains("expected 'name = value'") == true)
  }

  @Test func byteOrderMarkIsNoPartOfTheFirstName() {
    let file = ConfigurationFile(text: "\u{FEFF}log_level = warn\n", path: "a.conf")
    #expect(file.entries.map(\.name) == ["log_level"])
  }

  @Test(arguments: ["10.0.0.1:9042", "a, b:9042", "[::1]:9042"]) func contactPointWithAPortIsRefused(points: String) {
    let found = problems("database = cassandra\ncassandra_contact_points = \(points)")
    #expect(found.contains { $0.contains("cassandra_contact_points") && $0.contains("cassandra_port") }, "\(found)")
  }

  @Test func contactPointThatIsAnIPv6AddressIsTaken() {
    let found = problems("database = cassandra\ncassandra_contact_points = ::1, 10.0.0.1, node.test")
    #expect(found.isEmpty, "\(found)")
  }
}
