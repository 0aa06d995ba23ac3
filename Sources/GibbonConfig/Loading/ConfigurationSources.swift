// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Everywhere a configuration comes from. Later ones win: defaults, file, environment, arguments.
public struct ConfigurationSources: Sendable {
  /// A value from the command line.
  public struct Argument: Sendable, Hashable {
    public let property: String
    public let value: String
    /// As the user wrote it, for messages.
    public let flag: String

    public init(property: String, value: String, flag: String) {
      self.property = property
      self.value = value
      self.flag = flag
    }
  }

  /// The file of `-c`; nil searches `searchPaths`.
  public var path: String?
  public var environment: [String: String]
  public var arguments: [Argument]
  public var searchPaths = Self.standardPaths
  /// How files are read; replaced by tests.
  public var readFile: @Sendable (String) throws(FileFault) -> String = { path throws(FileFault) in
    try FileText.read(path)
  }
  public var fileExists: @Sendable (String) -> Bool = { FileText.exists($0) }

  public static let standardPaths = [
    "/etc/gibbon/gibbon.conf", "/etc/gibbon.conf", "/etc/kong/kong.conf", "/etc/kong.conf",
  ]

  public init(path: String? = nil, environment: [String: String], arguments: [Argument] = []) {
    self.path = path
    self.environment = environment
    self.arguments = arguments
  }

  /// The file that will be read, if there is one.
  public var file: String? {
    self.path ?? self.searchPaths.first(where: self.fileExists)
  }

  /// The prefix alone, whatever else is wrong with the configuration: a gateway must be stoppable.
  public func prefix() -> String {
    var resolver = Resolver(environment: self.environment)
    if let path = self.file, let text = try? self.readFile(path) {
      resolver.add(ConfigurationFile(text: text, path: path), path: path)
    }
    resolver.addEnvironment()
    resolver.add(self.arguments)
    resolver.finish()
    return PrefixDefault.resolve(resolver.given["prefix"]?.text, self.environment)
  }

  /// Reads, merges and checks everything.
  /// - Throws: `ConfigurationError` with all problems found.
  public func load() throws(ConfigurationError) -> Configuration {
    var file: ConfigurationFile?
    if let path = self.file {
      do throws(FileFault) {
        file = ConfigurationFile(text: try self.readFile(path), path: path)
      } catch {
        let message = "cannot read the configuration file \(error)"
        throw ConfigurationError([ConfigurationProblem(property: nil, message: message, source: .builtIn)])
      }
    }
    var resolver = Resolver(environment: self.environment)
    if let file, let path = self.file { resolver.add(file, path: path) }
    resolver.addEnvironment()
    resolver.add(self.arguments)
    resolver.finish()
    return try Configuration(resolver, sources: self)
  }
}
