// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension PrometheusPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 13, phases: .log,
    schema: PluginSchema(
      "prometheus",
      config: [
        .boolean("per_consumer", .default(false)),
        .boolean("status_code_metrics", .default(false)),
        .boolean("ai_metrics", .default(false)),
        .boolean("latency_metrics", .default(false)),
        .boolean("bandwidth_metrics", .default(false)),
        .boolean("upstream_health_metrics", .default(false)),
      ], protocols: .all))
}
