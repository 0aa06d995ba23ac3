// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig
internal import Glibc

/// `gibbon config`
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Work with declarative files: whole configurations as text.",
    subcommands: [Parse.self, Init.self, DatabaseImport.self, DatabaseExport.self, Defaults.self])

  /// `gibbon config parse`
  struct Parse: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a declarative file.",
      discussion: """
        Example:
          gibbon config parse kong.yml
          deck file render … | gibbon config parse -
        """)

    @Argument(help: ArgumentHelp("YAML or JSON; '-' is the standard input.", valueName: "file"))
    var file: String

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var verbosity: Verbosity

    func run() throws {
      // By this name, since every file has one where the system shows them.
      let path = self.file == "-" ? "/dev/stdin" : PathText.absolute(self.file)
      guard FileText.exists(path) else { throw Failure("there is no file \(path)") }
      let configuration = try self.options.load(self.verbosity)
      let parsed: ParsedFile
      do {
        parsed = try Gateway.parseDeclarative(path: path, configuration: configuration)
      } catch {
        throw Failure("Failed parsing:\n\(error)")
      }
      self.verbosity.say(parsed.summary)
      Console.warn(parsed.warnings)
      Console.say("parse successful")
    }
  }

  /// `gibbon config init`
  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a sample declarative file.",
      discussion: """
        Example:
          gibbon config init && GIBBON_DECLARATIVE_CONFIG=kong.yml gibbon start
        """)

    @Argument(help: ArgumentHelp("Where to write it.", valueName: "file"))
    var file = "kong.yml"

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var verbosity: Verbosity

    func run() throws {
      // O_EXCL: somebody's file is never overwritten, not even in a race.
      let descriptor = open(self.file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw errno == EEXIST
          ? Failure(
            "\(self.file) already exists and is not overwritten", advice: "Name another: gibbon config init FILE")
          : Failure("cannot write \(self.file): \(systemReason())")
      }
      defer { close(descriptor) }
      guard Descriptor.write(Array(SampleFile.text.utf8), to: descriptor) else {
        throw Failure("cannot write \(self.file): \(systemReason())")
      }
      Console.say("wrote \(self.file); start with: GIBBON_DECLARATIVE_CONFIG=\(self.file) gibbon start")
    }
  }

  /// `gibbon config defaults`: the generated files of the repository.
  struct Defaults: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print all properties with their defaults.",
      discussion: """
        Examples:
          gibbon config defaults > gibbon.conf
          gibbon config defaults --format markdown > docs/configuration.md
        """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
      case conf, markdown
    }

    @Option(name: .long, help: "A commented file, or the reference page.")
    var format = Format.conf

    func run() throws {
      Console.say(self.format == .conf ? DefaultFile.text : Reference.text)
    }
  }
}
