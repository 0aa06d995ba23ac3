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
    "Cassandra",
    "Used with `database = cassandra`: see [Cassandra](cassandra.md). Kong had these names up to its version 3.3.",
    [
      Property(
        "cassandra_contact_points", .list, "127.0.0.1",
        "Hosts of the cluster to ask first; the others are found through them."),
      Property("cassandra_port", .integer(1...65_535), "9042", "The port that all of them listen on."),
      Property("cassandra_keyspace", .text, "kong", "The keyspace, made if it is missing."),
      Property(
        "cassandra_write_consistency", .choice(consistencies), "ONE",
        """
        Consistency level of writes. What routes and credentials are made of is written to a quorum at least, \
        whatever this says; it counts for counters.
        """),
      Property(
        "cassandra_read_consistency", .choice(consistencies), "ONE",
        """
        Consistency level of reads. With three replicas or more take `QUORUM`: at `ONE`, a node may miss what another \
        one has just written.
        """),
      Property(
        "cassandra_consistency", .choice(consistencies),
        "Both of the above at once, as older files have it."
      ).feeding("cassandra_write_consistency", "cassandra_read_consistency"),
      Property(
        "cassandra_timeout", .integer(1...3_600_000), "5000", "Milliseconds for connecting, and for each statement."),
      Property("cassandra_ssl", .flag, "off", "Whether connections use TLS."),
      Property(
        "cassandra_ssl_verify", .flag, "off",
        """
        Whether the nodes need certificates for their names or addresses, by an authority of \
        `lua_ssl_trusted_certificate`.
        """),
      Property("cassandra_username", .text, "kong", "User to log in as, where the cluster asks."),
      Property("cassandra_password", .text, "Password of that user.").sensitive,
      Property(
        "cassandra_lb_policy", .choice(policies), "RequestRoundRobin",
        "How queries are spread over the nodes; the `DCAware` ones prefer `cassandra_local_datacenter`."),
      Property(
        "cassandra_local_datacenter", .text, "The nearest data centre, for the `DCAware` policies."),
      Property(
        "cassandra_repl_strategy", .choice(["SimpleStrategy", "NetworkTopologyStrategy"]), "SimpleStrategy",
        "Replication of the keyspace when it is made."),
      Property("cassandra_repl_factor", .integer(1...100), "1", "Replicas, for `SimpleStrategy`."),
      Property(
        "cassandra_data_centers", .labels, "dc1:2,dc2:3",
        "Data centres and their replicas, for `NetworkTopologyStrategy`."),
      Property(
        "cassandra_schema_consensus_timeout", .integer(1...3_600_000), "10000",
        "Milliseconds the nodes may take to agree on a changed schema."),
    ])
}
