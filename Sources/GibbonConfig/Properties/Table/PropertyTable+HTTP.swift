// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  private static let headerWords = GatewayHeaders.words.map(\.word)

  static let http = PropertySection(
    "HTTP", "What the gateway adds to traffic, whom it believes, and how it keeps connections.",
    [
      Property(
        "headers", .words(headerWords), "server_tokens, latency_tokens, x-kong-request-id",
        """
        Headers added to responses. `server_tokens` is `Via` (or `Server` on the gateway's own responses), \
        `latency_tokens` the `X-Kong-…-Latency` family; single headers go by name; `off` adds none.
        """),
      Property(
        "headers_upstream", .words(["off", "X-Kong-Request-Id"]), "x-kong-request-id",
        "Headers added to requests to upstream services."),
      Property(
        "trusted_ips", .trustedAddresses,
        """
        Peers whose `X-Forwarded-*` headers and client address are believed. `0.0.0.0/0,::/0` believes everybody, \
        `unix:` whoever comes through a Unix domain socket.
        """),
      Property(
        "allow_ambiguous_paths", .flag, "off",
        """
        Whether request paths pass that a service may resolve to others than the router did: an encoded slash or a \
        backslash beside a dot segment or another slash (`/x/..%2fadmin`, `/%2fadmin`), a dot segment with parameters \
        (`/..;/admin`), a segment of parameters alone, overlong UTF-8. They are answered with 400.
        """),
      Property(
        "real_ip_header", .text, "X-Real-IP", "Short for `nginx_proxy_real_ip_header`."
      ).feeding("nginx_proxy_real_ip_header"),
      Property(
        "real_ip_recursive", .flag, "off", "Short for `nginx_proxy_real_ip_recursive`."
      ).feeding("nginx_proxy_real_ip_recursive"),
      Property(
        "nginx_proxy_real_ip_header", .text, "X-Real-IP",
        """
        The header of a trusted peer with the client's address. `X-Forwarded-For` is read from its right end; \
        `proxy_protocol` takes the address of the PROXY protocol.
        """
      ).removable(leaving: "X-Real-IP"),
      Property(
        "nginx_proxy_real_ip_recursive", .flag, "off",
        "`on` passes over trusted addresses in that header; `off` takes the last one."
      ).removable(leaving: "off"),
      Property(
        "error_default_type", .choice(["application/json", "application/xml", "text/html", "text/plain"]),
        "text/plain", "The type of the gateway's error responses when the request says nothing by `Accept`."),
      Property(
        "upstream_keepalive_pool_size", .integer(0...1_000_000), "512",
        "Idle connections to upstream services that each event loop keeps; 0 keeps none."),
      Property(
        "upstream_keepalive_max_requests", .integer(0...Int.max), "10000",
        "Requests over one upstream connection before it is closed; 0 is unlimited."),
      Property(
        "upstream_keepalive_idle_timeout", .number(0...31_536_000), "60",
        "Seconds an idle upstream connection is kept; 0 keeps it until the upstream closes."),
      Property(
        "allow_debug_header", .flag, "off",
        "Whether clients that send `Kong-Debug: 1` are told which route and service served them."),
      Property(
        "client_body_buffer_size", .size, "8k", "Short for `nginx_http_client_body_buffer_size`."
      ).feeding("nginx_http_client_body_buffer_size"),
      Property(
        "nginx_http_client_body_buffer_size", .size, "8k",
        "How much of a request body is kept for a plugin that reads it; a larger one streams past unseen."
      ).removable(leaving: "16k"),
      Property(
        "proxy_cache_private", .flag, "off",
        """
        Whether `proxy-cache` keeps, as Kong does, what RFC 9111 lets no shared cache keep: responses to requests with \
        `Authorization`, and where its `cache_control` is off, those with `private`, `no-store` or `no-cache`.
        """),
      Property(
        "request_buffer_size", .size, "64k",
        """
        How much of a request body is held back, on routes with `request_buffering`, before the service is contacted. \
        A body that is complete by then goes with its `Content-Length`, a larger one streams on. 0 holds nothing back.
        """),
      Property(
        "nginx_http_client_max_body_size", .size, "0",
        "The largest request body; a larger one is answered with 413. 0 is unlimited."
      ).removable(leaving: "1m"),
      Property(
        "nginx_http_client_header_buffer_size", .size, "1k", .bufferGrows, "The first buffer for a request head."
      ).removable(leaving: "1k"),
      Property(
        "nginx_http_large_client_header_buffers", .headerBuffers, "4 8k",
        """
        Number and size of the buffers for larger request heads. A request line longer than one is answered with \
        414, a header field longer than one or a head longer than all of them with 400, as nginx does.
        """
      ).removable(leaving: "4 8k"),
      Property(
        "nginx_http_keepalive_requests", .integer(0...Int.max), "10000",
        "Requests over one client connection before it is closed."
      ).removable(leaving: "1000"),
      Property(
        "nginx_http_http2_max_concurrent_streams", .integer(1...10000), "128",
        "Requests that a client may have under way at once on one connection of HTTP/2."
      ).removable(leaving: "128"),
      Property(
        "nginx_http_http2_body_preread_size", .size, "64k",
        """
        How much of a request body a client of HTTP/2 may send before anybody has taken some of it: the window that \
        each stream begins with, 16 KiB at least. Windows of large bodies grow.
        """
      ).removable(leaving: "64k"),
      Property(
        "nginx_http_keepalive_timeout", .keepaliveTimeout, "75s",
        """
        How long an idle client connection is kept; 0 closes after each response. A second time is announced to \
        clients as `Keep-Alive: timeout=`.
        """
      ).removable(leaving: "75s"),
      Property(
        "nginx_http_client_header_timeout", .duration, "60s", "How long a client may take to send a request head."
      ).removable(leaving: "60s"),
      Property(
        "nginx_http_client_body_timeout", .duration, "60s",
        "How long a client may pause while it sends a request body."
      ).removable(leaving: "60s"),
      Property(
        "nginx_http_send_timeout", .duration, "60s", "How long a client may pause while it takes a response."
      ).removable(leaving: "60s"),
      Property(
        "nginx_http_charset", .charset, "UTF-8",
        """
        The character set added to the `Content-Type` of text responses that name none, of services and plugins; `off` \
        adds none.
        """
      ).removable(leaving: "off"),
      Property(
        "lua_max_req_headers", .integer(1...1000), "100", .seesAll,
        "Request header fields that routing and plugins look at."),
      Property(
        "lua_max_resp_headers", .integer(1...1000), "100", .seesAll,
        "Response header fields that plugins look at."),
      Property("lua_max_uri_args", .integer(1...1000), "100", .seesAll, "Query arguments that plugins look at."),
      Property("lua_max_post_args", .integer(1...1000), "100", .seesAll, "Form fields of a body that plugins look at."),
    ])
}
