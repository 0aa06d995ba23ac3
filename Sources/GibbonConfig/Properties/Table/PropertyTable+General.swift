// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  static let general = PropertySection(
    "General", "The gateway as a whole.",
    [
      Property(
        "prefix", .path,
        """
        Folder for the gateway's own files: `pids/`, `logs/`, `sockets/`, `ssl/`. Several gateways run side by side \
        when each has its own. Unset, it is `/usr/local/gibbon` if this user may write there, else \
        `$XDG_STATE_HOME/gibbon`, else `~/.local/state/gibbon`, else `/tmp/gibbon-<uid>`.
        """),
      Property(
        "node_id", .uuid,
        "The identity of this node. Unset, a random one is made and kept in the prefix."),
      Property(
        "role", .choice(Configuration.Role.allCases.map(\.rawValue)), "traditional", .hybrid,
        """
        `traditional` proxies and is administered in one process; `control_plane` administers only and \
        `data_plane` proxies only, with the configuration of its control plane.
        """),
      Property(
        "plugins", .list, "bundled",
        """
        Plugins that may be configured: `bundled` for all that come with Gibbon, `off` for none, or names. \
        Their order does not matter.
        """),
      Property(
        "unreadable_bodies", .choice(["refuse", "pass"]), "refuse",
        """
        What becomes of a request's body that a plugin is configured to change and cannot read: with `refuse` it is \
        answered with 413 (too large for `nginx_http_client_body_buffer_size`), 415 (another type, or compressed) or \
        400 (malformed); with `pass` it goes on unchanged, as with Kong.
        """),
      Property(
        "vaults", .list, "bundled", .vaults,
        "Vaults that entities may refer to: `bundled`, `off`, or names."),
      Property(
        "vault_env_prefix", .text,
        "Put before the names of environment variables that `{vault://env/name}` reads."),
      Property(
        "port_maps", .portMaps,
        """
        Pairs `outside:inside` for a gateway behind a port mapping, as containers have it: requests that arrive on \
        the inside port are forwarded with the outside one in `X-Forwarded-Port`, and matched by it.
        """),
      Property(
        "host_ports", .text, .accepted("Kong computes it from port_maps"), "Kept for files written for Kong."),
      Property(
        "anonymous_reports", .flag, "off", .accepted("Gibbon sends no reports to anybody"),
        "Kong reports usage when it is `on`, its default. Gibbon has nothing to send and nobody to send it to."),
      Property(
        "error_template_html", .path,
        """
        File with the text of HTML error responses of the gateway. The first `%s` becomes the message, a second one \
        the request's id.
        """),
      Property("error_template_json", .path, "The same for `application/json`."),
      Property("error_template_xml", .path, "The same for `application/xml`."),
      Property("error_template_plain", .path, "The same for `text/plain`."),
      Property(
        "kic", .flag, "off", .accepted("nothing depends on it"), "Marks a gateway run by an ingress controller."),
    ])
}
