// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  private static let consistencies = [
    "ALL", "EACH_QUORUM", "QUORUM", "LOCAL_QUORUM", "ONE", "TWO", "THREE", "LOCAL_ONE",
  ]
  private static let policies = [
    "RoundRobin", "RequestRoundRobin", "DCAwareRoundRobin", "RequestDCAwareRoundRobin",
  ]

  static let cassandra = PropertySection(
    "Cassandra", "Used with `database = cassandra`. Kong had these names up to its version 3.3.",
    [
      Property(
        "cassandra_contact_points", .list, "127.0.0.1", .cassandra,
        "Hosts of the cluster to ask first; the others are found through them."),
      Property("cassandra_port", .integer(1...65_535), "9042", .cassandra, "The port that all of them listen on."),
      Property("cassandra_keyspace", .text, "kong", .cassandra, "The keyspace, made if it is missing."),
      Property(
        "cassandra_write_consistency", .choice(consistencies), "ONE", .cassandra, "Consistency level of writes."),
      Property("cassandra_read_consistency", .choice(consistencies), "ONE", .cassandra, "Consistency level of reads."),
      Property(
        "cassandra_consistency", .choice(consistencies), .cassandra,
        "Both of the above at once, as older files have it."
      ).feeding("cassandra_write_consistency", "cassandra_read_consistency"),
      Property(
        "cassandra_timeout", .integer(1...3_600_000), "5000", .cassandra, "Milliseconds for connecting and reading."),
      Property("cassandra_ssl", .flag, "off", .cassandra, "Whether connections use TLS."),
      Property("cassandra_ssl_verify", .flag, "off", .cassandra, "Whether the nodes' certificates are verified."),
      Property("cassandra_username", .text, "kong", .cassandra, "User to log in as, where the cluster asks."),
      Property("cassandra_password", .text, .cassandra, "Password of that user.").sensitive,
      Property(
        "cassandra_lb_policy", .choice(policies), "RequestRoundRobin", .cassandra,
        "How queries are spread over the nodes; the `DCAware` ones prefer `cassandra_local_datacenter`."),
      Property(
        "cassandra_local_datacenter", .text, .cassandra, "The nearest data centre, for the `DCAware` policies."),
      Property(
        "cassandra_repl_strategy", .choice(["SimpleStrategy", "NetworkTopologyStrategy"]), "SimpleStrategy",
        .cassandra, "Replication of the keyspace when it is made."),
      Property("cassandra_repl_factor", .integer(1...100), "1", .cassandra, "Replicas, for `SimpleStrategy`."),
      Property(
        "cassandra_data_centers", .labels, "dc1:2,dc2:3", .cassandra,
        "Data centres and their replicas, for `NetworkTopologyStrategy`."),
      Property(
        "cassandra_schema_consensus_timeout", .integer(1...3_600_000), "10000", .cassandra,
        "Milliseconds the nodes may take to agree on a changed schema."),
    ])
}
