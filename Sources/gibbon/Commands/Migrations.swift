// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig
internal import GibbonSchema
internal import GibbonStore
internal import Glibc

/// `gibbon migrations`
struct Migrations: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Set up the datastore's layout, bring it up to date, or look at it.",
    discussion: """
      The embedded database does this by itself when the gateway starts.

      Examples:
        gibbon migrations status
        gibbon migrations reset --yes
      """,
    subcommands: [Bootstrap.self, Up.self, Finish.self, List.self, Status.self, Reset.self])

  /// Exit codes of `list`, as Kong has them.
  private enum ListCode {
    static let needsBootstrap: Int32 = 3
    static let hasNew: Int32 = 5
  }

  struct Options: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var verbosity: Verbosity

    @Option(name: .long, help: ArgumentHelp("Accepted for Kong's scripts.", valueName: "seconds"))
    var dbTimeout: Int?

    @Option(name: .long, help: ArgumentHelp("Accepted for Kong's scripts.", valueName: "seconds"))
    var lockTimeout: Int?

    func withDatastore<Value>(_ body: (DatastoreTasks) throws -> Value) throws -> Value {
      let configuration = try self.configuration.load(self.verbosity)
      try Prefix(path: configuration.prefix).prepare()
      let tasks = try DatastoreTasks(configuration)
      defer { tasks.close() }
      do {
        return try body(tasks)
      } catch let failure as Failure {
        throw failure
      } catch {
        throw Failure("\(error)")
      }
    }
  }

  /// `gibbon migrations bootstrap`
  struct Bootstrap: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Set up an empty datastore.")
    @OptionGroup var options: Options
    @Flag(name: .shortAndLong, help: "Delete what is there first.")
    var force = false

    func run() throws {
      try self.options.withDatastore { tasks in
        if try tasks.state().isBootstrapped {
          guard self.force else { return Console.say("database already bootstrapped") }
          try tasks.reset()
        }
        try tasks.migrate()
        Console.say("database is up-to-date")
      }
    }
  }

  /// `gibbon migrations up`
  struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run what is new.")
    @OptionGroup var options: Options
    @Flag(name: .shortAndLong, help: "Accepted for Kong's scripts.")
    var force = false

    func run() throws {
      try self.options.withDatastore { tasks in
        let state = try tasks.state()
        guard state.isBootstrapped else {
          throw Failure("the database is empty", advice: "Run: gibbon migrations bootstrap")
        }
        guard !state.isUpToDate else { return Console.say("database is already up-to-date") }
        try tasks.migrate()
        Console.say("\(state.new.count) migrations processed\ndatabase is up-to-date")
      }
    }
  }

  /// `gibbon migrations finish`
  struct Finish: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run what was put off until every node is new; Gibbon's migrations put nothing off.")
    @OptionGroup var options: Options
    @Flag(name: .shortAndLong, help: "Accepted for Kong's scripts.")
    var force = false

    func run() throws {
      try self.options.withDatastore { tasks in
        guard try tasks.state().isUpToDate else {
          throw Failure("there are new migrations", advice: "Run: gibbon migrations up")
        }
        Console.say("no pending migrations to finish")
      }
    }
  }

  /// `gibbon migrations list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what ran and what is new. Exit code 3: not set up; 5: there is something new.")
    @OptionGroup var options: Options

    func run() throws {
      let state = try self.options.withDatastore { try $0.state() }
      guard state.isBootstrapped else {
        Console.say("database needs bootstrapping; run 'gibbon migrations bootstrap'")
        throw ExitCode(ListCode.needsBootstrap)
      }
      Console.say("executed migrations:\n" + state.executed.map { "  \($0)" }.joined(separator: "\n"))
      guard !state.new.isEmpty else { return }
      Console.say("new migrations available:\n" + state.new.map { "  \($0)" }.joined(separator: "\n"))
      throw ExitCode(ListCode.hasNew)
    }
  }

  /// `gibbon migrations status`
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The same as JSON.")
    @OptionGroup var options: Options

    func run() throws {
      let state = try self.options.withDatastore { try $0.state() }
      let object: JSONObject = [
        "bootstrapped": .bool(state.isBootstrapped), "up_to_date": .bool(state.isUpToDate),
        "executed": .strings(state.executed), "new": .strings(state.new),
      ]
      Console.say(JSONValue.object(object).description)
    }
  }

  /// `gibbon migrations reset`
  struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Delete everything in the datastore.")
    @OptionGroup var options: Options
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() throws {
      let prefix = Prefix(path: try self.options.configuration.load(self.options.verbosity).prefix)
      if try RunningGateway(prefix) != nil {
        throw Failure("a gateway runs on this datastore", advice: "Stop it first: gibbon stop -p \(prefix.path)")
      }
      guard self.yes || Self.isSure() else { throw Failure("cancelled") }
      try self.options.withDatastore { try $0.reset() }
      Console.say("schema successfully reset")
    }

    private static func isSure() -> Bool {
      guard isatty(STDIN_FILENO) == 1 else { return false }
      Console.note("> Are you sure? This operation is irreversible. [Y/n]")
      return ["y", "yes"].contains(readLine()?.lowercased() ?? "n")
    }
  }
}
