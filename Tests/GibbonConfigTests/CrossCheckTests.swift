// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct CrossCheckTests {
  private static let plane = "cluster_cert = c\ncluster_cert_key = k\n"

  @Test(arguments: [
    "",
    plane + "role = data_plane\ndatabase = off",
    plane + "role = data_plane\ndatabase = off\nproxy_listen = off\nstream_listen = 0.0.0.0:1",
    plane + "role = data_plane\ndatabase = off\ncluster_dp_labels = a:b",
    plane + "role = control_plane\ndatabase = postgres",
    plane + "role = control_plane\ndatabase = postgres\ncluster_mtls = pki\ncluster_ca_cert = a",
    "ssl_cipher_suite = custom\nssl_ciphers = x",
    "cluster_use_proxy = on\nproxy_server = http://p:1",
    "cluster_rpc = on\ncluster_incremental_sync = on",
    "database = cassandra",
    "database = cassandra\ncassandra_repl_strategy = NetworkTopologyStrategy\ncassandra_data_centers = a:1, b:3",
    "cassandra_data_centers = a:many",
    "plugins = off", "plugins = bundled, mine", "tracing_instrumentations = off",
    "proxy_access_log = x own\nnginx_http_log_format = own '$status'", "proxy_access_log = x combined",
  ])
  func consistentConfigurationsAreValid(_ text: String) {
    #expect(problems(text).isEmpty)
  }

  @Test(arguments: [
    ("role = data_plane\ndatabase = off", "cluster_cert"),
    (plane + "role = data_plane\ndatabase = postgres", "database"),
    (plane + "role = data_plane\nproxy_listen = off", "proxy_listen"),
    (plane + "role = control_plane\ndatabase = off", "database"),
    (plane + "role = control_plane\ndatabase = postgres\nadmin_listen = off", "admin_listen"),
    (plane + "role = control_plane\ndatabase = postgres\ncluster_listen = off", "cluster_listen"),
    (plane + "role = control_plane\ndatabase = postgres\ncluster_mtls = pki", "cluster_ca_cert"),
    ("cluster_dp_labels = a:b", "cluster_dp_labels"),
    ("ssl_cert = a, b\nssl_cert_key = a", "ssl_cert"),
    ("admin_ssl_cert_key = a", "admin_ssl_cert"),
    ("client_ssl_cert = a", "client_ssl_cert"),
    ("ssl_cipher_suite = custom", "ssl_cipher_suite"),
    ("cluster_use_proxy = on", "cluster_use_proxy"),
    ("cluster_incremental_sync = on", "cluster_incremental_sync"),
    (
      "database = cassandra\ncassandra_repl_strategy = NetworkTopologyStrategy\ncassandra_data_centers = a:many",
      "cassandra_data_centers"
    ),
    (
      "database = cassandra\ncassandra_repl_strategy = NetworkTopologyStrategy\ncassandra_data_centers = a:0",
      "cassandra_data_centers"
    ),
    ("tracing_instrumentations = off, router", "tracing_instrumentations"),
    ("proxy_access_log = x own", "proxy_access_log"),
    ("error_template_html = /absent", "error_template_html"),
  ])
  func contradictionsAreNamed(_ text: String, _ property: String) {
    let found = problems(text)
    #expect(found.contains { $0.contains("\(property):") || $0.contains("\(property) = ") }, "\(found)")
  }

  @Test func errorTemplatesAreReadAndChecked() throws {
    let file = "error_template_html = /t"
    #expect(try load(file, others: ["/t": "<p>%s</p> %s"]).responses.errorTemplates.html == "<p>%s</p> %s")
    #expect(try load(file, others: ["/t": "%s"]).responses.errorTemplates.html == "%s")
    #expect(problems(file, others: ["/t": "no place"]).count == 1)
    #expect(problems(file, others: ["/t": "%s%s%s"]).count == 1)
  }

  @Test(arguments: [
    ("cassandra_repl_factor = 1", false), ("cassandra_repl_factor = 2", false), ("cassandra_repl_factor = 3", true),
    ("cassandra_repl_factor = 3\ncassandra_read_consistency = QUORUM", false),
    ("cassandra_repl_factor = 3\ncassandra_write_consistency = ALL", false),
    ("cassandra_repl_factor = 3\ncassandra_consistency = LOCAL_QUORUM", false),
    (
      "cassandra_repl_strategy = NetworkTopologyStrategy\ncassandra_data_centers = a:2, b:3\n"
        + "cassandra_read_consistency = LOCAL_QUORUM", true
    ),
    ("cassandra_repl_strategy = NetworkTopologyStrategy\ncassandra_data_centers = a:2, b:3", true),
  ])
  func readsThatMayBeBehindAreKnown(_ text: String, _ mayReadStale: Bool) throws {
    #expect(try load("database = cassandra\n" + text).datastore.cassandra.mayReadStale == mayReadStale)
  }
}
