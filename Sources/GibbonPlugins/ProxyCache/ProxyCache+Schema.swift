// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension ProxyCachePlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 100, phases: [.access, .headerFilter, .bodyFilter],
    schema: PluginSchema("proxy-cache", config: config, protocols: .all, checks: [.custom(dictionary)]))

  private static let config: [Field] = [
    .array(
      "response_code", of: .integer(.between(100, 900)), .required, .default([200, 301, 404]), .minLength(1),
      .summary("The statuses of responses that are kept.")),
    .array(
      "request_method", of: .string(.oneOf("HEAD", "GET", "POST", "PATCH", "PUT")), .required,
      .default(["GET", "HEAD"]), .summary("The methods of requests that are looked up.")),
    .array(
      "content_type", of: .string(), .required, .default(["text/plain", "application/json"]),
      .summary("The media types of responses that are kept, with exactly these parameters; `*` stands for any.")),
    .integer("cache_ttl", .default(300), .greater(than: 0), .summary("Seconds that a response is fresh.")),
    .string("strategy", .required, .oneOf("memory")),
    .boolean(
      "cache_control", .required, .default(false), .summary("Whether `Cache-Control` of both sides counts.")),
    .boolean("ignore_uri_case", .default(false)),
    .integer("storage_ttl", .summary("Seconds that a response is kept, fresh or not.")),
    .record("memory", [.string("dictionary_name", .required, .default(.string(CacheDictionaries.initial)))]),
    .array("vary_query_params", of: .string()),
    .array("vary_headers", of: .string()),
    .record(
      "response_headers",
      [
        .boolean("age", .default(true)), .boolean("X-Cache-Status", .default(true)),
        .boolean("X-Cache-Key", .default(true)),
      ]),
  ]

  private static let dictionary = CustomCheck("dictionary_name", fields: ["config"]) { object in
    let name = object["config"]?["memory"]?["dictionary_name"]?.stringValue ?? CacheDictionaries.initial
    return CacheDictionaries.capacities[name] == nil ? [CheckViolation("missing shared dict '\(name)'")] : []
  }
}
