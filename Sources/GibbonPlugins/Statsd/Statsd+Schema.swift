// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension StatsdPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 11, phases: .log,
    schema: PluginSchema("statsd", config: config, protocols: .all))

  private static let consumerIdentifiers = ["consumer_id", "custom_id", "username"]
  private static let serviceIdentifiers = ["service_id", "service_name", "service_host", "service_name_or_host"]
  private static let workspaceIdentifiers = ["workspace_id", "workspace_name"]

  private static let config: [Field] =
    [
      .host("host", .default("localhost")),
      .port("port", .default(8125)),
      .string("prefix", .default("kong")),
      .array("metrics", of: .record(metric), .default(defaultMetrics)),
      .array("allow_status_codes", of: .string(.matches("^[0-9]+-[0-9]+$"))),
      .number("udp_packet_size", .default(0), .between(0, 65507)),
      .boolean("use_tcp", .default(false)),
      .boolean("hostname_in_prefix", .default(false)),
      .string("consumer_identifier_default", .required, .default("custom_id"), .oneOf(consumerIdentifiers)),
      .string("service_identifier_default", .required, .default("service_name_or_host"), .oneOf(serviceIdentifiers)),
      .string("workspace_identifier_default", .required, .default("workspace_id"), .oneOf(workspaceIdentifiers)),
    ] + LegacyQueueParameters.fields(of: "statsd") + [
      .string("tag_style", .notRequired, .oneOf("dogstatsd", "influxdb", "librato", "signalfx")),
      QueueParameters.field,
    ]

  private static let metric = RecordSchema(
    [
      .string(
        "name", .required,
        .oneOf(
          "kong_latency", "latency", "request_count", "request_per_user", "request_size", "response_size",
          "status_count", "status_count_per_user", "unique_users", "upstream_latency", "status_count_per_workspace",
          "status_count_per_user_per_route", "shdict_usage")),
      .string("stat_type", .required, .oneOf("counter", "gauge", "histogram", "meter", "set", "timer")),
      .number("sample_rate", .greater(than: 0)),
      .string("consumer_identifier", .oneOf(consumerIdentifiers)),
      .string("service_identifier", .oneOf(serviceIdentifiers)),
      .string("workspace_identifier", .oneOf(workspaceIdentifiers)),
    ],
    checks: [.when("stat_type", .oneOf("counter", "gauge"), require: "sample_rate", [.required])])

  private static let defaultMetrics: JSONValue = .array(
    [
      ("request_count", "counter"), ("latency", "timer"), ("request_size", "counter"), ("status_count", "counter"),
      ("response_size", "counter"), ("unique_users", "set"), ("request_per_user", "counter"),
      ("upstream_latency", "timer"), ("kong_latency", "timer"), ("status_count_per_user", "counter"),
      ("status_count_per_workspace", "counter"), ("status_count_per_user_per_route", "counter"),
      ("shdict_usage", "gauge"),
    ].map { name, type in
      var metric: JSONObject = ["name": .string(name), "stat_type": .string(type)]
      if type == "counter" || type == "gauge" { metric["sample_rate"] = 1 }
      return .object(metric)
    })
}
