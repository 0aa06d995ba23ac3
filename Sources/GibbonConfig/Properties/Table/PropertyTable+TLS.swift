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
        "ssl_cert", .list, .tls,
        "Certificates for `proxy_listen` addresses with `ssl`. Unset, a self-signed pair is made."),
      Property("ssl_cert_key", .list, .tls, "Their keys.").sensitive,
      Property(
        "ssl_cipher_suite", .choice(["modern", "intermediate", "old", "fips", "custom"]), "intermediate", .tls,
        """
        `modern` is TLS 1.3 alone, `intermediate` adds TLS 1.2 with forward secrecy, `old` serves ancient clients, \
        `fips` restricts to TLS 1.2, `custom` takes `ssl_ciphers`.
        """),
      Property("ssl_ciphers", .text, .tls, "Ciphers in OpenSSL's notation, for `ssl_cipher_suite = custom`."),
      Property("ssl_protocols", .text, "TLSv1.2 TLSv1.3", .tls, "Versions of TLS that clients may use.")
        .feeding("nginx_http_ssl_protocols", "nginx_stream_ssl_protocols"),
      Property("ssl_prefer_server_ciphers", .flag, "on", .tls, "Whether the gateway's order of ciphers decides.")
        .feeding("nginx_http_ssl_prefer_server_ciphers", "nginx_stream_ssl_prefer_server_ciphers"),
      Property("ssl_dhparam", .text, .tls, "Diffie-Hellman parameters: a file, or a group such as `ffdhe2048`.")
        .feeding("nginx_http_ssl_dhparam", "nginx_stream_ssl_dhparam"),
      Property("ssl_session_tickets", .flag, "on", .tls, "Whether clients may resume sessions with tickets.")
        .feeding("nginx_http_ssl_session_tickets", "nginx_stream_ssl_session_tickets"),
      Property("ssl_session_timeout", .duration, "1d", .tls, "How long a session can be resumed.")
        .feeding("nginx_http_ssl_session_timeout", "nginx_stream_ssl_session_timeout"),
      Property("ssl_session_cache_size", .size, "10m", .tls, "Memory for resumable sessions."),
      Property("client_ssl", .flag, "off", .tls, "Whether upstream services are shown a client certificate."),
      Property("client_ssl_cert", .text, .tls, "That certificate."),
      Property("client_ssl_cert_key", .text, .tls, "Its key.").sensitive,
      Property("admin_ssl_cert", .list, .tls, "Certificates for `admin_listen` addresses with `ssl`."),
      Property("admin_ssl_cert_key", .list, .tls, "Their keys.").sensitive,
      Property("admin_gui_ssl_cert", .list, .tls, "Certificates for `admin_gui_listen` addresses with `ssl`."),
      Property("admin_gui_ssl_cert_key", .list, .tls, "Their keys.").sensitive,
      Property("status_ssl_cert", .list, .tls, "Certificates for `status_listen` addresses with `ssl`."),
      Property("status_ssl_cert_key", .list, .tls, "Their keys.").sensitive,
      Property(
        "debug_ssl_cert", .text, .accepted("there is no debug listener"), "Kept for files written for Kong."),
      Property(
        "debug_ssl_cert_key", .text, .accepted("there is no debug listener"), "Kept for files written for Kong."
      ).sensitive,
      Property(
        "lua_ssl_trusted_certificate", .list, "system",
        """
        Authorities trusted in outgoing TLS: `system` for those of the distribution, and others. `pg_ssl_verify` \
        takes the first of them.
        """),
      Property(
        "lua_ssl_verify_depth", .integer(0...100), "1", .tls, "Intermediate certificates allowed in outgoing TLS."),
      Property("lua_ssl_protocols", .text, "TLSv1.2 TLSv1.3", .tls, "Versions of TLS for outgoing calls of plugins."),
    ])
}
