// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  static let nginx = PropertySection(
    "nginx directives",
    """
    Kong's files inject directives into its nginx by `nginx_<block>_<directive>`. Gibbon has no nginx. Directives \
    whose effect it has itself work (here, under HTTP and under Logs); the others are accepted so that such files \
    load, and named in a warning when no row of this page knows them. `NONE` removes a directive.
    """,
    [
      Property("nginx_user", .text, "kong kong", .noNginx, "Short for `nginx_main_user`.").feeding("nginx_main_user"),
      Property("nginx_worker_processes", .automaticCount, "auto", "Short for `nginx_main_worker_processes`.")
        .feeding("nginx_main_worker_processes"),
      Property("nginx_daemon", .flag, "on", "Short for `nginx_main_daemon`.").feeding("nginx_main_daemon"),
      Property(
        "nginx_main_user", .text, "kong kong", .accepted("Gibbon runs as the user who starts it"),
        "The user and group of Kong's workers."),
      Property(
        "nginx_main_worker_processes", .automaticCount, "auto",
        "Event loops, each a thread; `auto` is one per processor."
      ).removable(leaving: "1"),
      Property(
        "nginx_main_daemon", .flag, "on",
        "`off` keeps `gibbon start` in the foreground, as containers and service managers want it."
      ).removable(leaving: "on"),
      Property(
        "nginx_main_worker_rlimit_nofile", .automaticCount, "auto",
        "Open descriptors to ask the system for; `auto` asks for all that is allowed."
      ).removable(leaving: "auto"),
      Property(
        "nginx_main_worker_shutdown_timeout", .duration,
        "How long a graceful stop (SIGQUIT) lets requests and tunnels go on; what is left then is cut off. Unset, "
          + "requests have all the time they need, and tunnels 10 s. `gibbon quit --timeout` goes before it."),
      Property(
        "nginx_events_worker_connections", .automaticCount, "auto",
        """
        Connections of one event loop, both sides counted, of which clients get half; `auto` follows the limit of open \
        descriptors. At the limit the clients that have waited longest between requests are closed, and then new ones \
        wait to be accepted.
        """
      ).removable(leaving: "512"),
      Property(
        "nginx_events_multi_accept", .flag, "on", .acceptsInTurns,
        "Whether an event loop accepts all waiting connections at once or one per wake-up."
      ).removable(leaving: "off"),
      Property("nginx_http_ssl_protocols", .text, "Versions of TLS of the proxy; from `ssl_protocols` when unset."),
      Property("nginx_http_ssl_prefer_server_ciphers", .flag, "From `ssl_prefer_server_ciphers` when unset."),
      Property("nginx_http_ssl_dhparam", .text, "From `ssl_dhparam` when unset."),
      Property("nginx_http_ssl_session_tickets", .flag, "From `ssl_session_tickets` when unset."),
      Property("nginx_http_ssl_session_timeout", .duration, "From `ssl_session_timeout` when unset."),
      Property("nginx_http_ssl_conf_command", .text, .noCommands, "OpenSSL commands for client connections."),
      Property("nginx_http_proxy_ssl_conf_command", .text, .noCommands, "OpenSSL commands for upstream connections."),
      Property("nginx_http_lua_ssl_conf_command", .text, .noCommands, "OpenSSL commands for calls of plugins."),
      Property("nginx_http_grpc_ssl_conf_command", .text, .noCommands, "OpenSSL commands for gRPC upstreams."),
      Property(
        "nginx_http_lua_regex_match_limit", .text, "100000", .accepted("Gibbon's regexes have their own limit"),
        "Steps a regex may take."),
      Property("nginx_http_lua_regex_cache_max_entries", .text, "8192", .noLua, "Compiled regexes kept by Lua."),
      Property("nginx_stream_ssl_conf_command", .text, .streams, "OpenSSL commands for streams."),
      Property("nginx_stream_proxy_ssl_conf_command", .text, .streams, "OpenSSL commands for upstreams of streams."),
      Property("nginx_stream_lua_ssl_conf_command", .text, .streams, "OpenSSL commands for calls of stream plugins."),
      Property("nginx_stream_ssl_protocols", .text, .streams, "From `ssl_protocols` when unset."),
      Property(
        "nginx_stream_ssl_prefer_server_ciphers", .text, .streams, "From `ssl_prefer_server_ciphers` when unset."),
      Property("nginx_stream_ssl_dhparam", .text, .streams, "From `ssl_dhparam` when unset."),
      Property("nginx_stream_ssl_session_tickets", .text, .streams, "From `ssl_session_tickets` when unset."),
      Property("nginx_stream_ssl_session_timeout", .text, .streams, "From `ssl_session_timeout` when unset."),
      Property(
        "nginx_admin_client_max_body_size", .size, "10m", "The largest request body of the Admin API."),
      Property(
        "nginx_admin_client_body_buffer_size", .size, "10m",
        .accepted("bodies are held in memory up to the largest size"),
        "How much of a body to the Admin API stays in memory."),
      Property(
        "nginx_admin_client_header_timeout", .duration, "60s",
        "How long a client of the Admin or Status API may take to send a request head."),
      Property(
        "nginx_admin_client_body_timeout", .duration, "60s",
        "How long it may pause while it sends a body. The whole body may take as long and a second for each 64 KiB."),
      Property(
        "nginx_admin_send_timeout", .duration, "60s",
        "How long it may pause while it takes an answer. All of it may take as long and a second for each 64 KiB."),
      Property(
        "nginx_admin_keepalive_timeout", .duration, "75s", "How long its connection is kept for the next request."),
      Property("openresty_path", .path, .noNginx, "Where Kong finds OpenResty."),
    ])
}
