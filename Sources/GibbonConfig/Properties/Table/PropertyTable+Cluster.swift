// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  static let cluster = PropertySection(
    "Control and data planes", "Used with `role = control_plane` and `role = data_plane`.",
    [
      Property(
        "cluster_listen", .listeners(.http), "0.0.0.0:8005", .hybrid, "Where a control plane expects its nodes."),
      Property(
        "cluster_control_plane", .endpoint, "127.0.0.1:8005", .hybrid, "The control plane that a data plane calls."),
      Property("cluster_cert", .text, .hybrid, "Certificate with which both sides prove who they are."),
      Property("cluster_cert_key", .text, .hybrid, "Its key.").sensitive,
      Property(
        "cluster_mtls", .choice(["shared", "pki"]), "shared", .hybrid,
        "`shared`: both sides have the same certificate. `pki`: each has one signed by `cluster_ca_cert`."),
      Property("cluster_ca_cert", .text, .hybrid, "The authority, for `pki`."),
      Property(
        "cluster_server_name", .text, .hybrid,
        "Name expected in the control plane's certificate; `kong_clustering` with `shared` when unset."),
      Property(
        "cluster_data_plane_purge_delay", .integer(60...Int(Int32.max)), "1209600", .hybrid,
        "Seconds after which a data plane that was not seen is forgotten."),
      Property(
        "cluster_ocsp", .choice(["on", "off", "optional"]), "off", .hybrid,
        "Whether data planes' certificates are checked for revocation, for `pki`."),
      Property(
        "cluster_max_payload", .integer(4_194_304...Int(Int32.max)), "16777216", .hybrid,
        "Bytes of the largest configuration sent to a data plane."),
      Property(
        "cluster_use_proxy", .flag, "off", .hybrid, "Whether a data plane calls through `proxy_server`."),
      Property("cluster_dp_labels", .labels, .hybrid, "Labels of this data plane, `key:value`, ten at most."),
      Property("cluster_rpc", .flag, "off", .hybrid, "Newer protocol between the planes."),
      Property("cluster_incremental_sync", .flag, "off", .hybrid, "Send changes only; needs `cluster_rpc`."),
      Property("cluster_cjson", .flag, "off", .accepted("Gibbon has one JSON writer"), "Another JSON writer in Kong."),
      Property(
        "dedicated_config_processing", .flag, "on",
        .accepted("Gibbon always prepares a new configuration off its event loops"),
        "Whether Kong's data planes apply configurations in a process of their own."),
      Property("proxy_server", .url, .hybrid, "HTTP proxy for the way to the control plane.").sensitive,
      Property("proxy_server_ssl_verify", .flag, "on", .hybrid, "Whether that proxy's certificate is verified."),
    ])
}
