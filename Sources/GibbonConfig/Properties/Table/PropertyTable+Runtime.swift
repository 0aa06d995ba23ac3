// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  private static let tracingWords = [
    "off", "all", "request", "db_query", "dns_query", "router", "http_client", "balancer", "plugin_rewrite",
    "plugin_access", "plugin_header_filter",
  ]

  static let runtime = PropertySection(
    "Routing, tracing and debugging", "",
    [
      Property(
        "router_flavor", .choice(Configuration.RouterFlavor.allCases.map(\.rawValue)), "traditional_compatible",
        """
        How routes are matched: `traditional_compatible` and `traditional` by hosts, paths, methods, headers and SNIs; \
        `expressions` also by expressions of their own.
        """),
      Property(
        "tracing_instrumentations", .words(tracingWords), "off", .tracing,
        "What spans are recorded of: `all`, `off`, or a list."),
      Property(
        "tracing_sampling_rate", .number(0...1), "0.01", .tracing, "The part of all requests that is traced."),
      Property("opentelemetry_tracing", .words(tracingWords), "off", .tracing, "Older name.")
        .feeding("tracing_instrumentations").deprecated,
      Property("opentelemetry_tracing_sampling_rate", .number(0...1), "0.01", .tracing, "Older name.")
        .feeding("tracing_sampling_rate").deprecated,
      Property(
        "request_debug", .flag, "on", .tracing, "Whether `X-Kong-Request-Debug` may ask for a request's timings."),
      Property(
        "request_debug_token", .text, .tracing,
        "Token that such requests from elsewhere must show. Unset, a random one is made."
      ).sensitive,
      Property(
        "lua_socket_pool_size", .integer(1...1_000_000), "256", .noLua,
        "Idle connections of a pool of Kong's plugins."),
      Property("lua_package_path", .text, "./?.lua;./?/init.lua;", .lua, "Where Lua modules are found."),
      Property("lua_package_cpath", .text, .lua, "Where Lua modules written in C are found."),
      Property(
        "untrusted_lua", .choice(["on", "off", "sandbox"]), "sandbox", .lua,
        "What Lua code in the configuration may do: nothing, little, everything."),
      Property("untrusted_lua_sandbox_requires", .list, .lua, "Modules that sandboxed code may load."),
      Property("untrusted_lua_sandbox_environment", .list, .lua, "Globals that sandboxed code may use."),
    ])

  static let extensions = PropertySection(
    "Plugin servers and Wasm", "Plugins in other processes and languages.",
    [
      Property(
        "pluginserver_names", .list, .pluginServers,
        """
        Processes that serve plugins. Each is described by `pluginserver_<name>_socket`, \
        `pluginserver_<name>_start_cmd` and `pluginserver_<name>_query_cmd`.
        """),
      Property("wasm", .flag, "off", .wasm, "Whether Wasm filters may run."),
      Property("wasm_filters_path", .path, .wasm, "Folder with `*.wasm` files and their `*.meta.json`."),
      Property(
        "wasm_dynamic_module", .path, .accepted("there is no nginx module to load"), "Path of Kong's Wasm module."),
      Property(
        "wasm_filters", .list, "bundled,user", .wasm, "Filters that may be used: `bundled`, `user`, `off`, or names."),
    ])
}
