// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  static let tls = PropertySection(
    "TLS",
    """
    Certificates and keys are paths of PEM files, PEM text, or PEM text in base64. Lists of them name as many keys as \
    certificates, in the same order.
    """,
    [
      Property(
        "ssl_cert", .list, "Certificates for `proxy_listen` addresses with `ssl`. Unset, a self-signed pair is made."),
      Property("ssl_cert_key", .list, "Their keys.").sensitive,
      Property(
        "ssl_cipher_suite", .choice(["modern", "intermediate", "old", "fips", "custom"]), "intermediate",
        """
        `modern` is TLS 1.3 alone, `intermediate` adds TLS 1.2 with forward secrecy, `old` serves ancient clients, \
        `fips` restricts to TLS 1.2, `custom` takes `ssl_ciphers`. A suite other than `custom` decides the order of \
        ciphers too, and `ssl_protocols` can only take versions away from it.
        """),
      Property("ssl_ciphers", .text, "Ciphers in OpenSSL's notation, for `ssl_cipher_suite = custom`."),
      Property("ssl_protocols", .text, "TLSv1.2 TLSv1.3", "Versions of TLS that clients may use.")
        .feeding("nginx_http_ssl_protocols", "nginx_stream_ssl_protocols"),
      Property("ssl_prefer_server_ciphers", .flag, "on", "Whether the gateway's order of ciphers decides.")
        .feeding("nginx_http_ssl_prefer_server_ciphers", "nginx_stream_ssl_prefer_server_ciphers"),
      Property("ssl_dhparam", .text, "Diffie-Hellman parameters: a file, or a group such as `ffdhe2048`.")
        .feeding("nginx_http_ssl_dhparam", "nginx_stream_ssl_dhparam"),
      Property("ssl_session_tickets", .flag, "on", "Whether clients may resume sessions with tickets.")
        .feeding("nginx_http_ssl_session_tickets", "nginx_stream_ssl_session_tickets"),
      Property("ssl_session_timeout", .duration, "1d", "How long a session can be resumed.")
        .feeding("nginx_http_ssl_session_timeout", "nginx_stream_ssl_session_timeout"),
      Property("ssl_session_cache_size", .size, "10m", "Memory for sessions that are resumed without a ticket."),
      Property(
        "client_ssl", .flag, "off",
        "Whether services that ask for a certificate and have none of their own are shown `client_ssl_cert`."),
      Property("client_ssl_cert", .text, "That certificate."),
      Property("client_ssl_cert_key", .text, "Its key.").sensitive,
      Property("admin_ssl_cert", .list, "Certificates for `admin_listen` addresses with `ssl`."),
      Property("admin_ssl_cert_key", .list, "Their keys.").sensitive,
      Property("admin_gui_ssl_cert", .list, .manager, "Certificates for `admin_gui_listen` addresses with `ssl`."),
      Property("admin_gui_ssl_cert_key", .list, .manager, "Their keys.").sensitive,
      Property("status_ssl_cert", .list, "Certificates for `status_listen` addresses with `ssl`."),
      Property("status_ssl_cert_key", .list, "Their keys.").sensitive,
      Property(
        "nginx_http_ssl_verify_client", .choice(["on", "off", "optional", "optional_no_ca"]), "off",
        """
        Whether clients of the proxy need a certificate. `on` answers requests without a right one with 400, \
        `optional` takes clients without one, `optional_no_ca` leaves it to plugins to judge what is shown. Also as \
        `nginx_proxy_ssl_verify_client`, like those below.
        """),
      Property(
        "nginx_http_ssl_client_certificate", .text,
        "Authorities that vouch for clients, who are told their names: a path, PEM text, or that in base64."),
      Property(
        "nginx_http_ssl_trusted_certificate", .text, "Authorities that vouch for clients, who are not told of them."),
      Property(
        "nginx_http_ssl_verify_depth", .integer(0...100), "1",
        "Certificates that may follow a client's own, up to that of an authority."),
      Property(
        "nginx_http_proxy_ssl_verify", .flag, "off",
        """
        Whether certificates of services are verified where their `tls_verify` says nothing. Also as \
        `nginx_proxy_proxy_ssl_verify`, like those below.
        """),
      Property(
        "nginx_http_proxy_ssl_trusted_certificate", .text,
        "Authorities that vouch for services, in place of `lua_ssl_trusted_certificate`."),
      Property(
        "nginx_http_proxy_ssl_verify_depth", .integer(0...100), "1",
        "Certificates that may follow a service's own, where its `tls_verify_depth` says nothing."),
      Property("nginx_http_proxy_ssl_protocols", .text, "TLSv1.2 TLSv1.3", "Versions of TLS towards services."),
      Property("nginx_http_proxy_ssl_ciphers", .text, "Ciphers towards services, in OpenSSL's notation."),
      Property("nginx_http_proxy_ssl_session_reuse", .flag, "on", "Whether sessions with services are resumed."),
      Property(
        "nginx_http_proxy_ssl_server_name", .flag, "on", "Whether services are told which name is asked for."),
      Property(
        "debug_ssl_cert", .text, .accepted("there is no debug listener"), "Kept for files written for Kong."),
      Property(
        "debug_ssl_cert_key", .text, .accepted("there is no debug listener"), "Kept for files written for Kong."
      ).sensitive,
      Property(
        "lua_ssl_trusted_certificate", .list, "system",
        """
        Authorities trusted in outgoing TLS, services' included: `system` for those of the distribution, and \
        others. `pg_ssl_verify` takes the first of them.
        """),
      Property(
        "lua_ssl_verify_depth", .integer(0...100), "1", .tls, "Intermediate certificates allowed in outgoing TLS."),
      Property("lua_ssl_protocols", .text, "TLSv1.2 TLSv1.3", .tls, "Versions of TLS for outgoing calls of plugins."),
    ])
}
