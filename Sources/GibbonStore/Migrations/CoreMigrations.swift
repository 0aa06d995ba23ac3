// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// The layout of the core entities. Append only: what is released does not change.
enum CoreMigrations {
  static let all = [base]

  private static let base = Migration(
    "000_base",
    [
      .createTable(TableLayout("workspaces", unique: [.init("name", isGlobal: true)], isWorkspaceable: false)),
      .createTable(TableLayout("consumers", unique: ["username", "custom_id"])),
      .createTable(TableLayout("certificates")),
      .createTable(
        TableLayout("services", unique: ["name"], references: [.init("client_certificate", to: "certificates")])),
      .createTable(TableLayout("routes", unique: ["name"], references: [.init("service", to: "services")])),
      .createTable(
        TableLayout(
          "snis", unique: [.init("name", isGlobal: true)], references: [.init("certificate", to: "certificates")])),
      .createTable(
        TableLayout("upstreams", unique: ["name"], references: [.init("client_certificate", to: "certificates")])),
      .createTable(
        TableLayout(
          "targets", references: [.init("upstream", to: "upstreams", .cascade)], compositeKey: ["upstream", "target"])),
      .createTable(
        TableLayout(
          "plugins", unique: ["instance_name"],
          references: [
            .init("route", to: "routes", .cascade), .init("service", to: "services", .cascade),
            .init("consumer", to: "consumers", .cascade),
          ], compositeKey: ["name", "route", "service", "consumer"])),
      .createTable(
        TableLayout("ca_certificates", unique: [.init("cert_digest", isGlobal: true)], isWorkspaceable: false)),
      .createTable(TableLayout("clustering_data_planes", isWorkspaceable: false, hasTTL: true)),
      .createTable(TableLayout("parameters", isWorkspaceable: false)),
      .createTable(TableLayout("vaults", unique: [.init("prefix", isGlobal: true)])),
      .createTable(TableLayout("key_sets", unique: ["name"])),
      .createTable(
        TableLayout(
          "keys", unique: ["name"], references: [.init("set", to: "key_sets", .cascade)], compositeKey: ["kid", "set"])
      ),
      .createTable(
        TableLayout(
          "filter_chains", unique: ["name"],
          references: [.init("route", to: "routes", .cascade), .init("service", to: "services", .cascade)],
          compositeKey: ["route", "service"])),
    ])
}
