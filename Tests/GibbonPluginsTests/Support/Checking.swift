// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonPluginAPI
import GibbonPlugins
import GibbonSchema

/// The `plugins` entity with every bundled plugin enabled.
let plugins = PluginsSchema.schema(plugins: BundledPlugins.all.map { $0.descriptor.schema })

private let validator = Validator(now: 1_700_000_000)

/// A plugin entity, validated.
func validate(
  _ name: String, _ config: JSONValue, _ others: JSONObject = [:]
) -> Result<JSONObject, ValidationFailure> {
  var entity = others
  entity["name"] = .string(name)
  entity["config"] = config
  return validator.validate(.object(entity), as: plugins)
}

/// The configuration with its defaults, or the summary of what is wrong.
func outcome(_ name: String, _ config: JSONValue, _ others: JSONObject = [:]) -> String {
  switch validate(name, config, others) {
  case .success(let object): object["config"]?.description ?? "no config"
  case .failure(let failure): failure.message
  }
}

/// The configuration as the plugin gets it.
func configured<P: Plugin>(_ plugin: P.Type, _ config: JSONValue = [:]) throws -> P.Configuration {
  let object = try validate(P.descriptor.name, config).get()
  return try ValueDecoder().decode(P.Configuration.self, from: object["config"] ?? .null)
}
