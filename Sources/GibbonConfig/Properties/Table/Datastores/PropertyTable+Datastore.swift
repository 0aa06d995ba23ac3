// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  static let datastore = PropertySection(
    "Datastore", "Where routes, services, plugins and consumers are kept.",
    [
      Property(
        "database", .choice(Configuration.Database.allCases.map(\.rawValue)), "sqlite",
        """
        `sqlite` keeps everything in one file of this node, without a server and without set-up. `off` takes \
        everything from a declarative file, and is what counts when one is given and `database` is not. `postgres` \
        and `cassandra` are for several nodes on one database.
        """),
      Property(
        "sqlite_path", .path, "gibbon.db",
        "The file of `database = sqlite`; a relative path is one in the prefix."),
      Property(
        "declarative_config", .path,
        "YAML or JSON file with the entities, used with `database = off`. It goes before `declarative_config_string`."),
      Property("declarative_config_string", .text, "The same as text, for places without files.").sensitive,
      Property(
        "lmdb_environment_path", .path, "dbless.lmdb", .accepted("Gibbon keeps the declarative entities in memory"),
        "Where Kong keeps the loaded entities."),
      Property(
        "lmdb_map_size", .size, "2048m", .accepted("Gibbon keeps the declarative entities in memory"),
        "The limit of that file."),
      Property(
        "db_update_frequency", .number(0...86_400), "5",
        """
        Seconds between two looks for changes that another process made, such as `gibbon config db_import`. What this \
        node writes itself takes effect at once, and so does what others write where the database tells of it, which \
        PostgreSQL does. On Cassandra a node looks twenty times a second anyway.
        """),
      Property(
        "db_update_propagation", .number(0...86_400), "0", .store,
        "Seconds a change may need to reach every replica of the database."),
      Property("db_cache_ttl", .number(0...Double(Int32.max)), "0", .noCache, "Seconds Kong caches entities."),
      Property("db_cache_neg_ttl", .number(0...Double(Int32.max)), .noCache, "Seconds Kong caches misses."),
      Property(
        "db_resurrect_ttl", .number(0...Double(Int32.max)), "30", .noCache,
        "Seconds Kong uses outdated entities while the database is away."),
      Property("db_cache_warmup_entities", .list, "services", .noCache, "Entities Kong loads ahead."),
      Property(
        "mem_cache_size", .size, "128m",
        """
        Memory for credentials and their consumers, per kind of credential. They are read from the database when \
        a request first names one; with the space full, those not used lately make room.
        """),
      Property(
        "worker_consistency", .choice(["strict", "eventual"]), "eventual",
        .accepted("Gibbon swaps in a complete new configuration on each event loop, between requests"),
        "When Kong's workers rebuild their routes."),
      Property(
        "worker_state_update_frequency", .number(0.001...86_400), "5",
        .accepted("Gibbon applies changes when they arrive"), "Seconds between two such rebuilds."),
      Property(
        "worker_events_max_payload", .integer(0...1 << 30), "65535", .noSharedMemory,
        "Bytes of a message between Kong's workers."),
    ])
}
