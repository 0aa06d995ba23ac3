// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import Glibc

/// The command line.
@main
struct Gibbon: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gibbon",
    abstract: "An API gateway: traffic in, plugins, traffic on to your services.",
    discussion: """
      Kong's configuration names, declarative files and habits work unchanged. Begin with

        gibbon start
        curl -X POST localhost:8001/services -d name=web -d url=http://127.0.0.1:9000
        curl -X POST localhost:8001/services/web/routes -d 'paths[]=/'
        curl -i localhost:8000/

      Every command explains itself: gibbon start --help
      """,
    version: Release.version,
    subcommands: [
      Start.self, Stop.self, Quit.self, Restart.self, Reload.self, Health.self, Check.self, Prepare.self,
      Config.self, Migrations.self, Explain.self, Status.self, VaultCommand.self, Version.self,
    ])

  /// Runs the command; every failure is one text on standard error and exit code 1, as with Kong.
  static func main() {
    do {
      var command = try Gibbon.parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      Console.error(failure.description)
      Glibc.exit(1)
    } catch let code as ExitCode {
      Glibc.exit(code.rawValue)
    } catch {
      let isSuccess = Gibbon.exitCode(for: error) == .success
      let message = Gibbon.fullMessage(for: error)
      if isSuccess {
        Console.say(message)
      } else {
        Console.note(message)
      }
      Glibc.exit(isSuccess ? 0 : 1)
    }
  }
}

/// The version of Gibbon, and what it follows.
enum Release {
  static let version = "0.1.0"
  static let kongVersion = "3.9.3"

  static let swiftVersion: String = {
    #if compiler(>=6.5)
      "6.5 or newer"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }()
}
