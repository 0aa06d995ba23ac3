// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  static let listeners = PropertySection(
    "Addresses",
    """
    Each is `off` or a comma separated list of `address:port` with flags. The address is IPv4, IPv6 in brackets, a \
    host name, or `unix:/path` without a port; port 0 lets the system choose. Flags: `ssl`, `http2`, \
    `proxy_protocol`, `deferred` (wake up when data is there), `bind`, `reuseport` (one socket per event loop), \
    `backlog=N` (connections the kernel queues), `ipv6only=on|off`, `so_keepalive=on|off|idle:interval:count`.
    """,
    [
      Property(
        "proxy_listen", .listeners(.http),
        "0.0.0.0:8000 reuseport backlog=16384, 0.0.0.0:8443 http2 ssl reuseport backlog=16384",
        "Where API traffic arrives. `http2` on one address counts for all of them."),
      Property(
        "stream_listen", .listeners(.stream), "off", .streams,
        "Where TCP and UDP streams arrive. The flags are those of TCP without `http2` and `deferred`, and `udp`."),
      Property(
        "admin_listen", .listeners(.http),
        "127.0.0.1:8001 reuseport backlog=16384, 127.0.0.1:8444 http2 ssl reuseport backlog=16384",
        "Where the Admin API answers. Who reaches it governs the gateway: keep it on a private address."),
      Property(
        "admin_gui_listen", .listeners(.http), "0.0.0.0:8002, 0.0.0.0:8445 ssl", .manager,
        "Where the web manager answers."),
      Property(
        "status_listen", .listeners(.http), "127.0.0.1:8007 reuseport backlog=16384",
        "Where the Status API answers: health and metrics, nothing that changes anything."),
      Property(
        "admin_allowed_hosts", .list,
        """
        Names and addresses by which the Admin and Status APIs may be called, as in `Host`. Where an API listens on a \
        loopback address, only loopback names and addresses and these count; elsewhere all do unless some are given \
        here.
        """),
      Property(
        "admin_allowed_origins", .list,
        """
        Origins of web pages, such as `https://tools.example.com`, that may call the Admin and Status APIs from a \
        browser, besides those of `admin_gui_url`. Requests of other pages are refused.
        """),
      Property(
        "admin_gui_url", .list,
        "Addresses under which browsers reach the web manager; the Admin API allows these origins."),
      Property("admin_gui_path", .text, "/", .manager, "The path under which the web manager is served."),
      Property("admin_gui_api_url", .text, .manager, "Where the browser finds the Admin API."),
    ])
}
