// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonConfig
internal import Glibc
internal import Synchronization

extension Config {
  /// `gibbon config db_import`
  struct DatabaseImport: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "db_import", abstract: "Put the entities of a declarative file into the database.",
      discussion: """
        What has the same id is replaced; everything else stays. A running gateway sees the change within the time \
        that the property db_update_frequency gives.

        Example:
          gibbon config db_import kong.yml
        """)

    @Argument(help: ArgumentHelp("YAML or JSON.", valueName: "file"))
    var file: String

    @OptionGroup var options: Migrations.Options

    func run() throws {
      let path = PathText.absolute(self.file)
      guard FileText.exists(path) else { throw Failure("there is no file \(path)") }
      let meter = ProgressMeter()
      let count = try self.options.withDatastore { tasks in
        try tasks.importFile(path) { meter.show($0, of: $1) }
      }
      meter.end()
      Console.say("import successful: \(count) entities")
    }
  }

  /// `gibbon config db_export`
  struct DatabaseExport: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "db_export", abstract: "Write the database's entities into a declarative file.",
      discussion: """
        Example:
          gibbon config db_export kong.yml
        """)

    @Argument(help: ArgumentHelp("Where to write it; '-' is the standard output.", valueName: "file"))
    var file = "kong.yml"

    @OptionGroup var options: Migrations.Options

    func run() throws {
      let bytes = try self.options.withDatastore { try $0.exported() }
      if self.file == "-" {
        Descriptor.write(bytes, to: STDOUT_FILENO)
        return
      }
      // O_EXCL: somebody's file is never overwritten, not even in a race. Keys and credentials are in it.
      let descriptor = open(self.file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw errno == EEXIST
          ? Failure("\(self.file) already exists and is not overwritten", advice: "Name another file.")
          : Failure("cannot write \(self.file): \(systemReason())")
      }
      defer { close(descriptor) }
      guard Descriptor.write(bytes, to: descriptor) else {
        throw Failure("cannot write \(self.file): \(systemReason())")
      }
      Console.say("wrote \(self.file)")
    }
  }
}

/// One line on a terminal that counts up; nothing elsewhere.
final class ProgressMeter: Sendable {
  private let isShown = isatty(STDERR_FILENO) == 1
  private let hasLine = Atomic(false)

  func show(_ done: Int, of all: Int) {
    guard self.isShown else { return }
    self.hasLine.store(true, ordering: .relaxed)
    Descriptor.write(Array("\r\(done) of \(all) entities (\(done * 100 / max(1, all)) %)".utf8), to: STDERR_FILENO)
  }

  func end() {
    if self.hasLine.load(ordering: .relaxed) { Console.note("") }
  }
}
