// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonConfig

/// A configuration from texts instead of files and the process's environment.
func sources(
  file: String? = nil, environment: [String: String] = [:], arguments: [ConfigurationSources.Argument] = [],
  others: [String: String] = [:]
) -> ConfigurationSources {
  var files = others
  files["/test/gibbon.conf"] = file
  let known = files
  var sources = ConfigurationSources(environment: environment, arguments: arguments)
  sources.searchPaths = ["/test/gibbon.conf"]
  sources.fileExists = { known[$0] != nil }
  sources.readFile = { path throws(FileFault) in
    guard let text = known[path] else { throw FileFault("\(path): No such file or directory") }
    return text
  }
  return sources
}

func load(
  _ file: String? = nil, environment: [String: String] = [:], others: [String: String] = [:]
) throws -> Configuration {
  try sources(file: file, environment: environment, others: others).load()
}

/// The problems of a configuration; none when it is valid.
func problems(_ file: String? = nil, environment: [String: String] = [:], others: [String: String] = [:]) -> [String] {
  do throws(ConfigurationError) {
    _ = try sources(file: file, environment: environment, others: others).load()
    return []
  } catch {
    return error.problems.map(\.description)
  }
}
