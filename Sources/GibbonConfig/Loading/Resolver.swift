// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A value as it was given, and where.
struct GivenValue: Hashable {
  var text: String
  var source: ValueSource
}

/// Merges the layers of the configuration into one value per property, collecting every problem.
struct Resolver {
  let environment: [String: String]
  private(set) var given: [String: GivenValue] = [:]
  /// Directives of families that the table does not list one by one.
  private(set) var dynamic: [String: GivenValue] = [:]
  private(set) var problems: [ConfigurationProblem] = []
  private(set) var warnings: [String] = []

  /// Names of these families are known without a row in the table.
  static let dynamicPrefixes = [
    "nginx_main_", "nginx_events_", "nginx_http_", "nginx_upstream_", "nginx_proxy_", "nginx_location_",
    "nginx_status_", "nginx_admin_", "nginx_debug_", "nginx_stream_", "nginx_supstream_", "nginx_sproxy_",
    "nginx_wasm_", "pluginserver_", "vault_",
  ]

  init(environment: [String: String]) {
    self.environment = environment
  }

  mutating func add(_ file: ConfigurationFile, path: String) {
    self.problems += file.problems
    var lines: [String: Int] = [:]
    for entry in file.entries {
      let source = ValueSource.file(path: path, line: entry.line)
      if let earlier = lines[entry.name] {
        self.warnings.append("\(source): \(entry.name) is given again; the value of line \(earlier) is ignored")
      }
      lines[entry.name] = entry.line
      if !self.set(entry.name, GivenValue(text: entry.value, source: source)) {
        self.reportUnknown(entry.name, shownName: entry.name, source: source)
      }
    }
  }

  /// `KONG_` names first, so that `GIBBON_` ones win.
  mutating func addEnvironment() {
    var strangers: [String] = []
    for (name, value) in self.variables(prefix: "KONG_") {
      let property = String(name.dropFirst(5)).lowercased()
      if !self.set(property, GivenValue(text: value, source: .environment(name: name))) { strangers.append(name) }
    }
    if !strangers.isEmpty {
      let names = strangers.joined(separator: ", ")
      self.warnings.append("ignored, since Gibbon has no such property: \(names)")
    }
    // GIBBON_TEST_* steers the tests and is nothing of the gateway's.
    for (name, value) in self.variables(prefix: "GIBBON_") where !name.hasPrefix("GIBBON_TEST_") {
      let property = String(name.dropFirst(7)).lowercased()
      let source = ValueSource.environment(name: name)
      if !self.set(property, GivenValue(text: value, source: source)) {
        self.reportUnknown(property, shownName: property, source: source)
      }
    }
  }

  mutating func add(_ arguments: [ConfigurationSources.Argument]) {
    for argument in arguments {
      let source = ValueSource.argument(flag: argument.flag)
      if !self.set(argument.property, GivenValue(text: argument.value, source: source)) {
        self.reportUnknown(argument.property, shownName: argument.property, source: source)
      }
    }
  }

  /// Everything that needs all layers: references, removed directives, values taken over, checks.
  mutating func finish() {
    self.resolveReferences()
    self.removeDirectives()
    self.applyServerDirectives()
    self.takeOver()
    self.checkTypes()
    self.warnAboutEffects()
  }

  private func variables(prefix: String) -> [(String, String)] {
    self.environment.filter { $0.key.hasPrefix(prefix) && $0.key.utf8.count > prefix.utf8.count }
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// False when the name is unknown. An empty value goes back to the default.
  private mutating func set(_ name: String, _ value: GivenValue) -> Bool {
    if PropertyTable.property(named: name) != nil {
      self.given[name] = value.text.isEmpty ? nil : value
      return true
    }
    guard Self.dynamicPrefixes.contains(where: { name.hasPrefix($0) && name.utf8.count > $0.utf8.count }) else {
      return false
    }
    self.dynamic[name] = value.text.isEmpty ? nil : value
    return true
  }

  private mutating func reportUnknown(_ name: String, shownName: String, source: ValueSource) {
    let hint = Suggestion.hint(for: name, among: PropertyTable.all.map(\.name))
    self.problems.append(
      ConfigurationProblem(property: nil, message: "unknown property '\(shownName)'\(hint)", source: source))
  }

  mutating func report(_ problem: ConfigurationProblem) { self.problems.append(problem) }
  mutating func warn(_ warning: String) { self.warnings.append(warning) }
}

extension Resolver {
  private mutating func resolveReferences() {
    let prefix = self.given["vault_env_prefix"]?.text ?? ""
    for (name, value) in self.given.sorted(by: { $0.key < $1.key }) where value.text.contains("{vault://") {
      guard let property = PropertyTable.property(named: name) else { continue }
      let parts = property.type.isList ? ListText.items(value.text) : [value.text]
      var resolved: [String] = []
      for part in parts {
        do throws(ValueFault) {
          resolved.append(
            VaultReference.isReference(part)
              ? try VaultReference(parsing: part).resolve(in: self.environment, defaultPrefix: prefix) : part)
        } catch {
          self.problems.append(
            ConfigurationProblem(
              property: name, value: part, message: error.description, source: value.source))
        }
      }
      // What could not be resolved is reported once, not again by the type's check.
      self.given[name] =
        resolved.count == parts.count
        ? GivenValue(text: resolved.joined(separator: ","), source: value.source) : nil
    }
  }

  /// `NONE` takes an nginx directive away.
  private mutating func removeDirectives() {
    for (name, value) in self.given where value.text == "NONE" && name.hasPrefix("nginx_") {
      guard let property = PropertyTable.property(named: name) else { continue }
      self.given[name] = property.valueWhenRemoved.map { GivenValue(text: $0, source: value.source) }
    }
    self.dynamic = self.dynamic.filter { $0.value.text != "NONE" }
  }

  /// A directive of the proxy's `server` block beats the same one of `http`, as in nginx.
  private mutating func applyServerDirectives() {
    for (name, value) in self.dynamic where name.hasPrefix("nginx_proxy_") {
      let wide = "nginx_http_" + name.dropFirst("nginx_proxy_".count)
      guard let property = PropertyTable.property(named: wide), property.isSupported else { continue }
      self.given[wide] = value
      self.dynamic[name] = nil
    }
  }

  /// Values of properties that feed others, unless those are given; a default only where they have none.
  private mutating func takeOver() {
    for property in PropertyTable.all {
      let value = self.given[property.name]
      guard let text = value?.text ?? property.defaultText else { continue }
      for name in property.feeds where self.given[name] == nil {
        if value == nil, PropertyTable.property(named: name)?.defaultText != nil { continue }
        self.given[name] = GivenValue(text: text, source: .property(name: property.name))
      }
    }
  }

  private mutating func checkTypes() {
    for property in PropertyTable.all {
      guard let value = self.given[property.name], let fault = property.type.fault(in: value.text) else { continue }
      if case .property = value.source { continue }
      self.problems.append(
        ConfigurationProblem(
          property: property.name, value: property.shown(value.text), message: fault.description,
          source: value.source))
    }
  }

  /// What was asked for and does not happen.
  private mutating func warnAboutEffects() {
    for property in PropertyTable.all {
      guard let value = self.given[property.name], value.text != property.defaultText else { continue }
      if case .property = value.source { continue }
      if case .notYet(let reason) = property.status, !property.type.isTurnedOff(value.text) {
        self.warnings.append("\(value.source): \(property.name) has no effect yet: \(reason)")
      }
      if property.isDeprecated, !property.feeds.isEmpty {
        let names = property.feeds.joined(separator: ", ")
        self.warnings.append("\(value.source): \(property.name) is deprecated; use \(names)")
      }
    }
    let directives = self.dynamic.keys.filter { $0.hasPrefix("nginx_") }.sorted()
    if !directives.isEmpty {
      self.warnings.append("nginx directives without effect in Gibbon: " + directives.joined(separator: ", "))
    }
    let servers = self.dynamic.keys.filter { $0.hasPrefix("pluginserver_") }.sorted()
    if !servers.isEmpty {
      self.warnings.append("plugin servers are not available yet: " + servers.joined(separator: ", "))
    }
  }
}
